import { brand } from "../base/brand.ts";

/**
 * Base of the classes that hold server state. Its fields, computed values and events are property
 * initialisers, made by `field`, `computed`, `event` and `serverOnly`; any other property is
 * refused when the gate is made. Methods, getters and `#private` members are your own, but what
 * they keep is in no store.
 *
 * An instance belongs to one tab, and is frozen once it is made. Classes may
 * extend each other, and mixins work.
 */
export abstract class State {}

// It holds nothing, so that the one of another copy of the package is as good.
brand(State, "state.1");

/** A class that `gate({ states })` takes. */
export type StateClass<S extends object = object> = new () => S;
