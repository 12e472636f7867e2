let current: HTMLMediaElement | undefined;

/** One sound or video plays at a time: pauses the one before. @param next Undefined for none: the microphone listens. */
export function pauseOthers(next?: HTMLMediaElement): void {
  if (current !== next) current?.pause();
  current = next;
}
