import { describe, expect, it } from "vitest";
import { readConfig } from "../../../lib/services/config.ts";
import { newTokenKey, singleKey, writeRing } from "../../../lib/tokens/key-ring.ts";

const key = Buffer.alloc(32, 7);
const environment = {
  CHANNELS_TABLE: "channels",
  ACCOUNTS_TABLE: "accounts",
  TOKEN_KEY: key.toString("base64url"),
};

describe("readConfig", () => {
  it("reads the tables' names and the key, and has defaults for the rest", () => {
    expect(readConfig(environment)).toEqual({
      channelsTable: "channels",
      accountsTable: "accounts",
      tokenKeys: singleKey(key),
      liveEndpoint: undefined,
      ownHosts: [],
      originSecret: undefined,
      rates: {
        send: { bucket: "sending", burst: 1_000, perSecond: 50, lease: 50 },
        sync: { bucket: "syncing", burst: 5_000, perSecond: 100, lease: 250 },
        replay: { bucket: "replaying", burst: 50, perSecond: 1, lease: 5 },
        call: { bucket: "calling", burst: 200, perSecond: 10, lease: 20 },
      },
      addressRate: { burst: 3_000, perSecond: 20 },
      channelMessages: 10_000,
      fileBytes: 26_214_400,
      fileRate: { files: 100, bytes: 1_000_000_000 },
      fileStore: undefined,
      registration: "invite",
      pushLoopback: false,
    });
  });

  it("tries pushes again where it knows all of a place for schedules, and calls this machine where it is told to", () => {
    const place = { SCHEDULES_URL: "https://scheduler.example", SCHEDULES_GROUP: "group", SCHEDULES_ROLE: "role" };
    const schedules = { url: "https://scheduler.example", group: "group", role: "role" };
    expect(readConfig({ ...environment, ...place })).toMatchObject({ schedules });
    for (const name of Object.keys(place)) {
      expect(readConfig({ ...environment, ...place, [name]: "" }).schedules).toBeUndefined();
    }
    expect(readConfig({ ...environment, PUSH_LOOPBACK: "true" }).pushLoopback).toBe(true);
    expect(readConfig({ ...environment, PUSH_LOOPBACK: "yes" }).pushLoopback).toBe(false);
  });

  it("reads the bounds that an operator may set", () => {
    const set = {
      ...{ SEND_BURST: "10", SEND_PER_SECOND: "2", SYNC_BURST: "11", SYNC_PER_SECOND: "3" },
      ...{ REPLAY_BURST: "12", REPLAY_PER_SECOND: "4", CALL_BURST: "13", CALL_PER_SECOND: "5" },
      ...{ ADDRESS_BURST: "14", ADDRESS_PER_SECOND: "6", CHANNEL_MESSAGES: "500" },
    };
    expect(readConfig({ ...environment, ...set })).toMatchObject({
      rates: {
        send: { burst: 10, perSecond: 2 },
        sync: { burst: 11, perSecond: 3 },
        replay: { burst: 12, perSecond: 4 },
        call: { burst: 13, perSecond: 5 },
      },
      addressRate: { burst: 14, perSecond: 6 },
      channelMessages: 500,
    });
  });

  it.each(["SEND_BURST", "SYNC_PER_SECOND", "REPLAY_BURST", "CALL_BURST", "ADDRESS_PER_SECOND", "CHANNEL_MESSAGES"])(
    "fails on a %s that is no count",
    (name) => {
      for (const value of ["0", "-1", "1.5", "many"]) {
        expect(() => readConfig({ ...environment, [name]: value })).toThrow(`${name} must be a whole number above 0`);
      }
    },
  );

  it("reads what a user may upload, and wants room for one file at least", () => {
    const set = { FILE_BYTES: "1000", FILES_PER_DAY: "2", FILE_BYTES_PER_DAY: "1016" };
    const { fileBytes, fileRate } = readConfig({ ...environment, ...set });
    expect({ fileBytes, fileRate }).toEqual({ fileBytes: 1_000, fileRate: { files: 2, bytes: 1_016 } });
    expect(() => readConfig({ ...environment, ...set, FILE_BYTES_PER_DAY: "1015" })).toThrow(
      "FILE_BYTES_PER_DAY must be at least 1016",
    );
  });

  it("reads where files are: by the right of the function's role, or of the local store's own key", () => {
    const role = { AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "b", AWS_SESSION_TOKEN: "c" };
    const place = { FILES_URL: "https://files.example.com", AWS_REGION: "eu-west-1", ...role };
    expect(readConfig({ ...environment, ...place }).fileStore).toEqual({
      url: "https://files.example.com",
      region: "eu-west-1",
      credentials: { accessKeyId: "a", secretAccessKey: "b", sessionToken: "c" },
    });
    const own = { FILES_ACCESS_KEY_ID: "local", FILES_SECRET_ACCESS_KEY: "d" };
    expect(readConfig({ ...environment, ...place, ...own }).fileStore?.credentials).toEqual({
      accessKeyId: "local",
      secretAccessKey: "d",
    });
  });

  it("reads who may register, and takes no other word", () => {
    for (const mode of ["open", "invite", "closed"] as const) {
      expect(readConfig({ ...environment, REGISTRATION: mode }).registration).toBe(mode);
    }
    expect(readConfig({ ...environment, REGISTRATION: "" }).registration).toBe("invite");
    expect(() => readConfig({ ...environment, REGISTRATION: "Open" })).toThrow(
      "REGISTRATION must be one of open, invite, closed",
    );
  });

  it("reads where the page is, as browsers write hosts", () => {
    expect(readConfig({ ...environment, LIVE_URL: "" }).liveUrl).toBeUndefined();
    const url = "wss://w1.execute-api.eu-central-1.amazonaws.com/live";
    expect(readConfig({ ...environment, LIVE_URL: url }).liveUrl).toBe(url);
    const { ownHosts } = readConfig({ ...environment, OWN_HOSTS: "d111.cloudfront.net  Chat.Example.org" });
    expect(ownHosts).toEqual(["d111.cloudfront.net", "chat.example.org"]);
  });

  it("leaves the key to the accounts table where the environment has none", () => {
    expect(readConfig({ ...environment, TOKEN_KEY: "" }).tokenKeys).toBeUndefined();
  });

  it.each(["CHANNELS_TABLE", "ACCOUNTS_TABLE"])("fails with the name of %s when it is missing", (name) => {
    expect(() => readConfig({ ...environment, [name]: undefined })).toThrow(name);
    expect(() => readConfig({ ...environment, [name]: "" })).toThrow(name);
  });

  it("reads the keys that came later, too", () => {
    const ring = [...singleKey(key), newTokenKey(1_700_000_000_000)];
    expect(readConfig({ ...environment, TOKEN_KEY: writeRing(ring) }).tokenKeys).toEqual(ring);
  });

  it.each([31, 33, 16])("fails on a key of %i bytes, and does not show it", (bytes) => {
    const wrong = Buffer.alloc(bytes, 7).toString("base64url");
    const read = () => readConfig({ ...environment, TOKEN_KEY: wrong });
    expect(read).toThrow("TOKEN_KEY must be 32 bytes in base64url");
    expect(read).not.toThrow(wrong);
  });

  it("takes a key whose last character bears spare bits, as a password generator makes it", () => {
    const { tokenKeys } = readConfig({ ...environment, TOKEN_KEY: `${"a".repeat(42)}b` });
    expect(tokenKeys?.[0]?.bytes).toHaveLength(32);
  });
});
