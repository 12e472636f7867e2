/** One search of a model. */
export interface Search {
  /** The model's file, beside this one. */
  readonly model: string;
  readonly name: string;
  /** What the model's macros are set to; a name alone is defined. */
  readonly settings: readonly string[];
  /** The assertion that has to fail; `undefined` if none may. */
  readonly fails?: string;
  /** After so many minutes the search ends, whether it has searched everything or not. */
  readonly minutes?: number;
}

/** Makes searches of one model. */
export const searchOf =
  (model: string) =>
  (name: string, settings: string, fails?: string): Search => ({
    model,
    name,
    settings: settings.split(" "),
    ...(fails !== undefined && { fails }),
  });
