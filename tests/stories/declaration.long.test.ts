import { beforeAll, describe, expect, it } from "vitest";
import { type Message, newMessageId } from "../../lib/client/index.ts";
import { atOnce, type ClientPerson, newcomer, takeAndSettle } from "../support/people.ts";
import { type SharedStack, unboundedStack } from "../support/shared/index.ts";
import { articlesIn, LANGUAGE_CODES, LANGUAGES, mainScript } from "./declaration.ts";

const SENDING_AT_ONCE = 6;

let stack: SharedStack;
beforeAll(async () => {
  stack = await unboundedStack();
});

interface Article {
  readonly messageId: string;
  readonly content: string;
}

/** How an article is sent, and how a channel is emptied. */
interface Manner {
  readonly name: string;
  send(sender: ClientPerson, receiver: ClientPerson, article: Article): Promise<unknown>;
  takeAll(receiver: ClientPerson, count: number): Promise<Message[]>;
}

const asJson: Manner = {
  name: "as JSON",
  send: ({ client }, { id }, article) => client.send({ to: id, ...article }),
  async takeAll({ client }, count) {
    const { messages, rest } = await takeAndSettle(client, count);
    expect(rest).toMatchObject({ messages: [], more: false });
    return messages;
  },
};

const asForms: Manner = {
  name: "as forms",
  async send(sender, { id }, article) {
    expect(await sender.postSend({ sendToId: id, ...article })).toMatchObject({ status: 202 });
  },
  async takeAll(receiver) {
    const taken: Message[] = [];
    for (;;) {
      const { body } = await receiver.postSync();
      taken.push(...body.messages);
      if (body.messages.length === 0 && !body.more) return taken;
    }
  },
};

describe("the Universal Declaration of Human Rights, article by article", () => {
  it.each([asJson, asForms])("arrives $name byte for byte and in order", async (manner) => {
    const [sender, receiver] = await Promise.all([newcomer(stack.url), newcomer(stack.url)]);
    const articles = LANGUAGES.flatMap(({ code }) => articlesIn(code)).map((content) => ({
      messageId: newMessageId(),
      content,
    }));
    await atOnce(SENDING_AT_ONCE, articles, (article) => manner.send(sender, receiver, article));

    const received = await manner.takeAll(receiver, articles.length);
    expect(received.map(({ messageId, content }) => ({ messageId, content }))).toEqual(articles);
    expect(new Set(received.map(({ senderId, senderName }) => `${senderId} ${senderName}`))).toEqual(
      new Set([`${sender.id} ${sender.username}`]),
    );
    expect(received.filter(({ redelivered }) => redelivered)).toEqual([]);
    expectManyScripts(received.map(({ content }) => content));
  });
});

/** That the texts are what they are said to be: judged by what arrived. */
function expectManyScripts(contents: readonly string[]): void {
  const perLanguage = contents.length / LANGUAGES.length;
  const scripts = LANGUAGES.map((_, index) =>
    mainScript(contents.slice(index * perLanguage, (index + 1) * perLanguage)),
  );
  expect(perLanguage).toBe(30);
  expect(scripts).toEqual(LANGUAGES.map(({ script }) => script));
  expect(LANGUAGE_CODES.size).toBeGreaterThanOrEqual(20);
  expect(new Set(scripts).size).toBeGreaterThanOrEqual(8);
  expect(contents.filter((content) => content.startsWith("<article ")).length).toBeGreaterThan(0);
  expect(contents.filter((content) => /\p{RGI_Emoji}/v.test(content)).length).toBeGreaterThan(0);
  expect(contents.filter((content) => /\r\n/.test(content)).length).toBeGreaterThan(0);
}
