import { type GlobalOptions, loggedIn } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { CliError } from "../failures.ts";
import { FileFolder } from "../file-folder.ts";
import { checkMessageId } from "../input.ts";
import { keptFiles } from "../kept-files.ts";
import { print, printText } from "../output.ts";
import { jsonLine } from "../text.ts";

export interface SaveOptions extends GlobalOptions {
  readonly json?: boolean;
}

/** `gotalk save MESSAGE_ID [FOLDER]`. Saves a file that `receive` or `chat` has shown, and prints where it is. */
export async function save(messageId: string, folder: string, options: SaveOptions): Promise<void> {
  const { client, session, onRetry } = await loggedIn(options);
  const files = keptFiles(session.id, checkMessageId(messageId));
  if (files.length === 0) {
    const text = `No file of the message ${messageId} was shown on this computer, or it is too long ago.`;
    throw new CliError(EXIT.usage, text);
  }
  const saving = new FileFolder(folder);
  for (const file of files) {
    const path = await saving.save(file.name, await client.fetchFile(file, { onRetry }));
    await (options.json ? print(jsonLine({ savedAs: path })) : printText(`${path}\n`));
  }
}
