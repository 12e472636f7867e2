import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { declaredTables } from "../../../stack/tables.ts";
import type { TestEngine } from "../../support/engines.ts";
import type { Asked } from "../wire.ts";
import { type Item, meets, type Substitutes, updated } from "./expressions.ts";

/** The names of a table's keys. */
interface Keys {
  readonly partition: string;
  readonly sort: string;
}

/**
 * What goTalk asks of DynamoDB, in a tenth of the time that an engine takes: for hundreds of thousands of runs. It knows the
 * commands and the expressions that the system has, and fails at any other. memory-engine.test.ts holds it to dynalite's answers.
 */
class Memory {
  readonly #keys: ReadonlyMap<string, Keys>;
  /** By table and partition, by the sort key. */
  readonly #partitions = new Map<string, Map<string, Item>>();

  constructor(keys: ReadonlyMap<string, Keys>) {
    this.#keys = keys;
  }

  send(command: Asked): object {
    if (command instanceof GetItemCommand) return this.#get(command);
    if (command instanceof PutItemCommand) return this.#put(command);
    if (command instanceof UpdateItemCommand) return this.#update(command);
    if (command instanceof DeleteItemCommand) return this.#delete(command);
    if (command instanceof QueryCommand) return this.#query(command);
    if (command instanceof BatchGetItemCommand) return this.#batchGet(command);
    if (command instanceof BatchWriteItemCommand) return this.#batchWrite(command);
    throw new Error(`${command.constructor.name} is not understood`);
  }

  #get({ input: { TableName = "", Key = {} } }: GetItemCommand): object {
    const Item = this.#find(TableName, Key);
    return Item ? { Item } : {};
  }

  #put({ input }: PutItemCommand): object {
    const { TableName = "", Item = {}, ReturnValuesOnConditionCheckFailure } = input;
    this.#require(TableName, Item, input, ReturnValuesOnConditionCheckFailure);
    this.#store(TableName, Item);
    return {};
  }

  #update({ input }: UpdateItemCommand): object {
    const { TableName = "", Key = {}, UpdateExpression = "", ReturnValues } = input;
    this.#require(TableName, Key, input);
    const Attributes = updated(this.#find(TableName, Key) ?? Key, UpdateExpression, input);
    this.#store(TableName, Attributes);
    return ReturnValues === "ALL_NEW" ? { Attributes } : {};
  }

  #delete({ input }: DeleteItemCommand): object {
    const { TableName = "", Key = {} } = input;
    this.#require(TableName, Key, input);
    this.#remove(TableName, Key);
    return {};
  }

  #query({ input }: QueryCommand): object {
    const {
      TableName = "",
      KeyConditionExpression,
      Limit = Number.POSITIVE_INFINITY,
      ExclusiveStartKey,
      Select,
    } = input;
    const { partition, sort } = this.#keysOf(TableName);
    const [value] = Object.values(input.ExpressionAttributeValues ?? {}).filter(
      (one) => this.#partitions.has(`${TableName}/${one.S}`) && one.S !== undefined,
    );
    const items = [...(this.#partitions.get(`${TableName}/${value?.S}`)?.values() ?? [])];
    const from = ExclusiveStartKey?.[sort]?.S;
    const all = items
      .filter((item) => meets(item, KeyConditionExpression, input) && (from === undefined || sortOf(item, sort) > from))
      .sort((one, other) => (sortOf(one, sort) < sortOf(other, sort) ? -1 : 1));
    const Items = all.slice(0, Limit);
    const last = Items.at(-1);
    const LastEvaluatedKey =
      Items.length === Limit && last ? { [partition]: last[partition], [sort]: last[sort] } : undefined;
    return {
      Count: Items.length,
      ...(Select !== "COUNT" && { Items }),
      ...(LastEvaluatedKey !== undefined && { LastEvaluatedKey }),
    };
  }

  #batchGet({ input: { RequestItems = {} } }: BatchGetItemCommand): object {
    const found = Object.entries(RequestItems).map(([table, { Keys = [] }]) => [
      table,
      Keys.map((key) => this.#find(table, key)).filter((item) => item !== undefined),
    ]);
    return { Responses: Object.fromEntries(found), UnprocessedKeys: {} };
  }

  #batchWrite({ input: { RequestItems = {} } }: BatchWriteItemCommand): object {
    for (const [table, requests] of Object.entries(RequestItems)) {
      for (const { PutRequest, DeleteRequest } of requests) {
        if (PutRequest?.Item) this.#store(table, PutRequest.Item);
        if (DeleteRequest?.Key) this.#remove(table, DeleteRequest.Key);
      }
    }
    return { UnprocessedItems: {} };
  }

  #require(table: string, key: Item, input: Conditional, returns?: string): void {
    const Item = this.#find(table, key);
    if (meets(Item ?? {}, input.ConditionExpression, input)) return;
    const $metadata = { attempts: 1, httpStatusCode: 400 };
    const message = "The conditional request failed";
    throw new ConditionalCheckFailedException({ message, $metadata, ...(returns === "ALL_OLD" && Item && { Item }) });
  }

  #find(table: string, key: Item): Item | undefined {
    const { partition, sort } = this.#keysOf(table);
    return this.#partitions.get(`${table}/${key[partition]?.S}`)?.get(sortOf(key, sort));
  }

  #store(table: string, item: Item): void {
    const { partition, sort } = this.#keysOf(table);
    const name = `${table}/${item[partition]?.S}`;
    const items = this.#partitions.get(name) ?? new Map<string, Item>();
    this.#partitions.set(name, items.set(sortOf(item, sort), item));
  }

  #remove(table: string, key: Item): void {
    const { partition, sort } = this.#keysOf(table);
    this.#partitions.get(`${table}/${key[partition]?.S}`)?.delete(sortOf(key, sort));
  }

  #keysOf(table: string): Keys {
    const keys = this.#keys.get(table);
    if (keys === undefined) throw new Error(`there is no table ${table}`);
    return keys;
  }
}

type Conditional = Substitutes & { readonly ConditionExpression?: string | undefined };

const sortOf = (item: Item, sort: string): string => item[sort]?.S ?? "";

/** An engine for a few hundred runs: it forgets nothing. */
export function memoryEngine(): TestEngine {
  const { ChannelsTable, AccountsTable } = declaredTables();
  if (ChannelsTable === undefined || AccountsTable === undefined) throw new Error("serverless.yml lacks a table");
  const keys = [ChannelsTable, AccountsTable].map(({ TableName, KeySchema = [] }) => {
    const nameOf = (kind: string) => KeySchema.find(({ KeyType }) => KeyType === kind)?.AttributeName ?? "";
    return [TableName, { partition: nameOf("HASH"), sort: nameOf("RANGE") }] as const;
  });
  const memory = new Memory(new Map(keys));
  const client = {
    send: async (command: Asked) => memory.send(command),
    destroy: () => {},
  } as unknown as DynamoDBClient;
  return {
    name: "memory",
    endpoint: "",
    client,
    tables: { channels: ChannelsTable.TableName, accounts: AccountsTable.TableName },
    accounts: { database: client, name: AccountsTable.TableName },
    isClose: true,
    stop: async () => {},
  };
}
