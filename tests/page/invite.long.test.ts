import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { newUsername, PASSWORD } from "../support/logins.ts";
import { usePage } from "../support/page/fixture.ts";
import { Computer } from "../support/terminal-client.ts";

const INVITE = fileURLToPath(new URL("../../deploy/commands/invite.ts", import.meta.url));

describe("where one needs an invitation", () => {
  const page = usePage({ REGISTRATION: "invite" });

  /** As `npm run invite` makes it, while the stack runs. */
  async function newCode(): Promise<string> {
    const env = { PATH: process.env["PATH"], GOTALK_DATA: page.stack.data };
    const command = spawn(process.execPath, [INVITE], { env, stdio: ["ignore", "pipe", "inherit"] });
    return (await text(command.stdout)).trim();
  }

  it("the page asks for the code when it is needed, says when it is wrong, and lets in by a right one, once", async () => {
    const [alice, bob] = await Promise.all([page.stranger("alice"), page.stranger("bob")]);
    const code = await newCode();
    const field = alice.page.getByRole("textbox", { name: "Invite code" });
    await alice.page.goto(alice.url);
    await alice.fillIn();
    expect(await field.count()).toBe(0);
    await alice.button("Register").click();
    await alice.page.getByRole("alert").filter({ hasText: "You need an invite code to register here." }).waitFor();
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    await field.fill("AAAAA-AAAAA-AAAAA-AAAAA");
    await alice.button("Register").click();
    await alice.page.getByRole("alert").filter({ hasText: "This invite code is unknown, used or expired." }).waitFor();
    await field.fill(code.toLowerCase());
    await alice.button("Register").click();
    await alice.connected();

    await bob.page.goto(bob.url);
    await bob.fillIn();
    await bob.button("Register").click();
    await bob.page.getByRole("textbox", { name: "Invite code" }).fill(code);
    await bob.button("Register").click();
    await bob.page.getByRole("alert").filter({ hasText: "unknown, used or expired" }).waitFor();
  });

  it("who is registered logs in without a code", async () => {
    const alice = await page.stranger("alice");
    const credentials = { username: alice.username, password: alice.password, inviteCode: await newCode() };
    const response = await fetch(`${alice.url}/register`, { method: "POST", body: new URLSearchParams(credentials) });
    expect(response.status).toBe(201);
    await alice.page.goto(alice.url);
    await alice.logIn();
    expect(await alice.page.getByRole("textbox", { name: "Invite code" }).count()).toBe(0);
  });

  // No page, but this is the stack that asks for codes.
  it("a terminal says what is wrong without a right code, and registers with one, once", async () => {
    const here = new Computer(page.stack.url);
    const [username, code] = [newUsername(), await newCode()];
    const register = (name: string, ...options: string[]) => here.run(["register", name, ...options], `${PASSWORD}\n`);
    expect(await register(username)).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^gotalk: The invite code is required/),
    });
    const refused = {
      code: 77,
      stdout: "",
      stderr: expect.stringMatching(/^gotalk: The inviteCode is unknown, used or expired\./),
    };
    expect(await register(username, "--invite-code", "AAAAA-AAAAA-AAAAA-AAAAA")).toMatchObject(refused);
    expect(await register(username, "--invite-code", code)).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(await here.run(["login", username], PASSWORD)).toMatchObject({ code: 0, stdout: "", stderr: "" });
    expect(await register(newUsername(), "--invite-code", code)).toMatchObject(refused);
  });
});
