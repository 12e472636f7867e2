import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Choices that a seed fixes. When they are asked for is up to the machine: a seed repeats the kind of a run, not the run. */
export class Random {
  readonly #generator: ReturnType<typeof xoroshiro128plus>;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
  }

  /** A whole number from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return uniformInt(this.#generator, min, max);
  }

  /** True in so many of 1,000 cases. */
  happens(perMille: number): boolean {
    return this.between(1, 1_000) <= perMille;
  }

  pick<T>(all: readonly T[]): T {
    return all[this.between(0, all.length - 1)] as T;
  }

  /** Choices of their own for somebody, so that nobody's depend on how fast the others are. */
  fork(): Random {
    return new Random(this.between(0, 2 ** 31 - 1));
  }
}
