import { isPersonal, type LoginRequest, ProblemError, type Session, SHARED_DEVICE } from "../../lib/client/index.ts";
import { anonymous, type Context, type GlobalOptions, warnOfPlainHttp } from "../context.ts";
import { defaultDeviceName, GAP } from "../device-text.ts";
import { readName, readPassword } from "../input.ts";
import { beginAttempt, endAttempt } from "../login-attempt.ts";
import { type LoginState, lastLogin, loadLogin, requireSavable, saveLogin } from "../login-state.ts";
import { printError } from "../output.ts";
import { askForSettings } from "../settings-question.ts";

export interface LoginOptions extends GlobalOptions {
  /** What this computer is called. Default: as before, or the host's name. */
  readonly device?: string;
  /** Whether the login is on the shared device. */
  readonly shared?: boolean;
  /** The id of a device that is removed if there is no room for another one. */
  readonly replace?: string;
}

/**
 * `gotalk login [NAME]`. This computer becomes a device of the user. It goes on as that device when its session has
 * ended.
 */
export async function login(name: string | undefined, options: LoginOptions): Promise<void> {
  const context = await anonymous(options);
  const { client, url, onRetry } = context;
  const before = loadLogin();
  requireSavable();
  warnOfPlainHttp(url, options);
  const username = name ?? (await readName());
  const password = await readPassword();
  const last = lastLogin(before, url, username);
  const deviceName = options.shared ? undefined : (options.device ?? last.deviceName ?? defaultDeviceName());
  // What waits on the shared device is lost to this computer unless its session there moves.
  const isMoving = deviceName !== undefined && isOnShared(last.session);
  const wanted =
    deviceName === undefined || isMoving
      ? { deviceId: SHARED_DEVICE }
      : { deviceName, deviceId: last.session?.deviceId };
  const loginId = beginAttempt(url, username);
  const request = { username, password, earlierToken: last.token, loginId, replaceDeviceId: options.replace };
  const session = await client.login({ ...request, ...wanted }, { onRetry });
  // A login that shares keeps the name for the next one that does not.
  await save(context, { url, session, deviceName: deviceName ?? last.deviceName });
  // Before the move: only a session that is alone on the shared device takes its messages along.
  if (before.url === url) await endEarlier(context, before.session, session);
  if (isMoving) await move(context, { ...request, deviceName });
  endAttempt();
  await askForSettings(client, last.session?.deviceId);
  if (session.mayHaveGap) printError(GAP);
  context.notice(`Logged in at ${url} as ${session.username}.${placeOf(client.session ?? session, deviceName)}`);
}

/** Whether a session is on the shared device, as all sessions of older versions are. */
const isOnShared = (session: Session | undefined): boolean => session !== undefined && !isPersonal(session.deviceId);

/** Says on which device a session is, if the server has devices. */
function placeOf({ deviceId }: Session, deviceName: string | undefined): string {
  if (deviceId === undefined) return "";
  return isPersonal(deviceId)
    ? ` This computer is the device ${deviceName}.`
    : " It shares the messages with all logins without a device of their own.";
}

async function save({ client }: Context, login: LoginState): Promise<void> {
  try {
    saveLogin(login);
  } catch (error) {
    // Its token is lost.
    await client.logout().catch(() => undefined);
    endAttempt();
    throw error;
  }
}

/** The earlier session is of no use any more. If it cannot be ended now, it expires. */
async function endEarlier({ client }: Context, earlier: Session | undefined, session: Session): Promise<void> {
  // The login has ended the other sessions of its own device.
  if (earlier === undefined || (isPersonal(session.deviceId) && earlier.deviceId === session.deviceId)) return;
  client.session = earlier;
  await client.logout().catch(() => undefined);
  client.session = session;
}

const ON_SHARED =
  "You are logged in, but this computer still shares the messages with all logins without a device of their own. To give it a device of its own, log in again.";

const isFull = (error: unknown): boolean => error instanceof ProblemError && error.code === "too_many_devices";

/** The request of a login that gets a device of its own. */
type OwnRequest = LoginRequest & { readonly deviceName: string; readonly loginId: string };

/**
 * Gives the session of the shared device a device of its own, which gets what waits there. Where there is no room for another
 * device, the one that the request names is removed.
 */
async function move({ client, url, onRetry }: Context, request: OwnRequest): Promise<void> {
  const { deviceName, loginId, replaceDeviceId } = request;
  const moveOnce = () => client.moveToOwnDevice({ deviceName, loginId, onRetry });
  const replace = async (deviceId: string) => {
    if (deviceId === SHARED_DEVICE) {
      // Without the shared device the session on it has ended, and could not move.
      const session = await client.login(request, { onRetry });
      // What waits on the shared device and on others as well does not come here.
      printError(GAP);
      return session;
    }
    await client.removeDevice(deviceId, { onRetry });
    return moveOnce();
  };
  try {
    const session = await moveOnce().catch((error: unknown) => {
      if (replaceDeviceId === undefined || !isFull(error)) throw error;
      return replace(replaceDeviceId);
    });
    saveLogin({ url, session, deviceName });
  } catch (error) {
    printError(ON_SHARED);
    throw error;
  }
}
