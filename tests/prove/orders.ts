import fc, { Arbitrary, type Random, type Scheduler, Value } from "fast-check";

/** An order in which things happen, however often it is run. */
export interface Order {
  /** A new scheduler, which decides as the one before did. */
  scheduler(): Scheduler;
}

/**
 * fast-check's own schedulers are cloned for each run of a counterexample's search, and a clone goes on with the random
 * numbers where the last one has stopped (fast-check 4.10.2, `buildNextTaskIndex`): what the search found could not be
 * repeated by its path. The orders are the same ones.
 */
class Orders extends Arbitrary<Order> {
  generate(random: Random): Value<Order> {
    const unused = random.clone();
    const scheduler = () => fc.scheduler().generate(unused, undefined).value;
    return new Value({ scheduler, [fc.toStringMethod]: () => "as in what happened" }, undefined);
  }

  canShrinkWithoutContext(_: unknown): _ is Order {
    return false;
  }

  shrink(): fc.Stream<Value<Order>> {
    return fc.Stream.nil();
  }
}

export const orders: Arbitrary<Order> = new Orders();
