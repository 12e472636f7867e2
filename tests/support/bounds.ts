const BURST = "1000000000";
const PER_SECOND = "1000000";

/** For a stack whose clients all share one address. */
export const UNBOUNDED_ADDRESS = { ADDRESS_BURST: BURST, ADDRESS_PER_SECOND: PER_SECOND };

/** For a stack or functions of a test that asks for more than honest clients do: no rate is ever reached. */
export const UNBOUNDED = {
  ...{ SEND_BURST: BURST, SEND_PER_SECOND: PER_SECOND },
  ...{ SYNC_BURST: BURST, SYNC_PER_SECOND: PER_SECOND },
  ...{ REPLAY_BURST: BURST, REPLAY_PER_SECOND: PER_SECOND },
  ...{ CALL_BURST: BURST, CALL_PER_SECOND: PER_SECOND },
  ...{ FILES_PER_DAY: BURST, FILE_BYTES_PER_DAY: String(Number.MAX_SAFE_INTEGER) },
  ...UNBOUNDED_ADDRESS,
};
