/** A message that has left its box while its receiver is looked up. */
export interface Departure {
  /** The receiver's name, as it was typed. */
  readonly username: string;
  readonly content: string;
  /** It is in the outbox, and its text in no draft any more. */
  isStored: boolean;
  /** It could not be sent, and no box shows it yet. */
  hasFailed: boolean;
}

/**
 * The messages of this tab whose receivers are being looked up. Until such a message is in the outbox, its text stays the
 * beginning of the stored draft, so that a reload finds it. It is no part of what a box shows, nor of what is moved to a
 * conversation.
 */
export class Leaving {
  #departures: readonly Departure[] = [];

  /** The beginning of the stored draft. */
  get text(): string {
    return textOf(this.#departures.filter(({ isStored }) => !isStored));
  }

  add(username: string, content: string): Departure {
    const departure = { username, content, isStored: false, hasFailed: false };
    this.#departures = [...this.#departures, departure];
    return departure;
  }

  /** Forgets a message that is in the outbox, once its receiver is shown. */
  remove(departure: Departure): void {
    this.#departures = this.#departures.filter((other) => other !== departure);
  }

  /** Whether a message to this name is on its way. */
  isFor(username: string): boolean {
    return this.#departures.some((departure) => departure.username === username && !departure.hasFailed);
  }

  /** Gives the text of what could not be sent to the box that asks for it. */
  takeBack(): string {
    const failed = this.#departures.filter(({ hasFailed }) => hasFailed);
    this.#departures = this.#departures.filter(({ hasFailed }) => !hasFailed);
    return textOf(failed);
  }
}

const textOf = (departures: readonly Departure[]): string => departures.map(({ content }) => content).join("");
