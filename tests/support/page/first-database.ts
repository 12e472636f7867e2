/** What a page of schema version 1 has stored of a user. */
export interface FirstRecords {
  readonly messages: readonly object[];
  readonly conversations: readonly object[];
  readonly drafts: readonly object[];
  readonly outbox: readonly object[];
  readonly inbox: object;
}

/** Makes the database of a user as version 1 of the page's schema made it. Runs in a browser, or in Node. */
export async function makeFirstDatabase(userId: string, records: FirstRecords): Promise<void> {
  const request = indexedDB.open(`gotalk-${userId}`, 1);
  request.onupgradeneeded = () => {
    const database = request.result;
    const messages = database.createObjectStore("messages", { keyPath: "id" });
    messages.createIndex("timeline", ["peerId", "sentAt", "id"]);
    database.createObjectStore("conversations", { keyPath: "peerId" });
    database.createObjectStore("drafts", { keyPath: "peerId" });
    const outbox = database.createObjectStore("outbox", { keyPath: "sequence", autoIncrement: true });
    outbox.createIndex("peerId", "peerId");
    database.createObjectStore("state");
  };
  await new Promise((resolve) => {
    request.onsuccess = resolve;
  });
  const names = ["messages", "conversations", "drafts", "outbox"] as const;
  const transaction = request.result.transaction([...names, "state"], "readwrite");
  for (const name of names) for (const record of records[name]) transaction.objectStore(name).put(record);
  transaction.objectStore("state").put(records.inbox, "inbox");
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onerror = reject;
  });
  request.result.close();
}
