import { expect, test } from "vitest";
import { freePort } from "../../local/port.ts";

test.each(["http", "", "0", "65536", "80.5", undefined])("PORT=%s is refused", async (port) => {
  await expect(freePort(port, "localhost")).rejects.toThrow(
    `PORT=${port} is no port. Choose a number from 1 to 65535.`,
  );
});
