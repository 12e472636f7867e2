import { declaredTables } from "../../../stack/tables.ts";
import { type Item, itemSize, NO_UNITS, readUnits, type Units, writeUnits } from "./units.ts";

/** The part of the commands' inputs and outputs that decides what a call costs. */
export interface Input {
  readonly TableName?: string;
  readonly Item?: Item;
  readonly Key?: Item;
  readonly ConsistentRead?: boolean;
  readonly RequestItems?: Record<string, Requests>;
}
type Requests = readonly Write[] | { readonly Keys: readonly Item[]; readonly ConsistentRead?: boolean };
interface Write {
  readonly PutRequest?: { readonly Item: Item };
  readonly DeleteRequest?: { readonly Key: Item };
}
interface Output {
  readonly Items?: readonly Item[];
}

const KEYS = new Map(
  Object.values(declaredTables()).map(({ TableName, KeySchema = [] }) => [
    TableName,
    KeySchema.map(({ AttributeName = "" }) => AttributeName),
  ]),
);

/** Knows the size of every item, from the calls that wrote it: what an overwrite or a delete costs depends on it. */
export class CapacityMeter {
  readonly #sizes = new Map<string, number>();

  /**
   * Takes in an answered call, and tells what it costs by DynamoDB's rules.
   *
   * @param output `undefined` if the call's condition did not hold, which costs as much and changes nothing.
   */
  measure(command: string, input: Input, output: Output | undefined): Units {
    const { TableName = "", ConsistentRead } = input;
    switch (command) {
      case "PutItemCommand":
        return { read: 0, write: this.#put(TableName, input.Item ?? {}, output !== undefined) };
      case "DeleteItemCommand":
        return { read: 0, write: this.#delete(TableName, input.Key ?? {}) };
      case "BatchWriteItemCommand":
        return { read: 0, write: sum(entriesOf(input).map(([table, requests]) => this.#writeAll(table, requests))) };
      case "UpdateItemCommand":
        // A sender's bucket or a profile: both stay below 1 KB.
        return { read: 0, write: writeUnits() };
      case "GetItemCommand":
        return { read: readUnits(this.#sizeOf(TableName, input.Key ?? {}), ConsistentRead), write: 0 };
      case "BatchGetItemCommand":
        return { read: sum(entriesOf(input).map(([table, requests]) => this.#readAll(table, requests))), write: 0 };
      case "QueryCommand":
        return { read: readUnits(sum((output?.Items ?? []).map(itemSize)), ConsistentRead), write: 0 };
      default:
        // The account routes use others; they are not counted.
        return NO_UNITS;
    }
  }

  #put(table: string, item: Item, applied: boolean): number {
    const size = itemSize(item);
    const units = writeUnits(size, this.#sizeOf(table, item));
    if (applied) this.#sizes.set(keyOf(table, item), size);
    return units;
  }

  #delete(table: string, key: Item): number {
    const units = writeUnits(this.#sizeOf(table, key));
    this.#sizes.delete(keyOf(table, key));
    return units;
  }

  #writeAll(table: string, requests: Requests): number {
    if ("Keys" in requests) return 0;
    return sum(
      requests.map(({ PutRequest, DeleteRequest }) =>
        PutRequest ? this.#put(table, PutRequest.Item, true) : this.#delete(table, DeleteRequest?.Key ?? {}),
      ),
    );
  }

  #readAll(table: string, requests: Requests): number {
    if (!("Keys" in requests)) return 0;
    return sum(requests.Keys.map((key) => readUnits(this.#sizeOf(table, key), requests.ConsistentRead)));
  }

  #sizeOf(table: string, key: Item): number {
    return this.#sizes.get(keyOf(table, key)) ?? 0;
  }
}

const keyOf = (table: string, item: Item): string =>
  [table, ...(KEYS.get(table) ?? []).map((name) => item[name]?.S)].join("|");

const entriesOf = ({ RequestItems = {} }: Input) => Object.entries(RequestItems);

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
