import { recordedSite } from "../base/definition-site.ts";
import type { InferInput, InferOutput, StandardSchemaV1 } from "../base/standard-schema.ts";
import type { UserClaims } from "../protocol/types.ts";
import type { User } from "../session/user.ts";
import { type AnyCell, EventCell, StoredCell } from "./cells.ts";
import { AsyncComputedCell, SyncComputedCell } from "./computed-cells.ts";
import { State } from "./state.ts";
import type {
	AsyncComputedCall,
	BackgroundCall,
	Computed,
	ComputedCall,
	ComputedOptions,
	Event,
	EventCall,
	EventOptions,
	Field,
	FieldOptions,
	ServerOnly,
} from "./surfaces.ts";
import { type Topic, Topics } from "./topic.ts";

/**
 * Who a surface is for, by its `auth`: the person is `undefined` too where that may be `false`. The
 * default rule counts where `auth` is absent, or may be.
 */
type Who<O, U extends UserClaims, D> = false extends RuleOf<O, D> ? User<U> | undefined : User<U>;
type RuleOf<O, D> = "auth" extends keyof O
	? O["auth"] | (Record<never, never> extends Pick<O, "auth"> ? D : never)
	: D;

type InputOf<O> = O extends { readonly input: infer S extends StandardSchemaV1 }
	? InferOutput<S>
	: undefined;
type SentInputOf<O> = O extends { readonly input: infer S extends StandardSchemaV1 }
	? InferInput<S>
	: undefined;
type CallOf<O, Person> = O extends { readonly background: true }
	? BackgroundCall<Person, InputOf<O>>
	: EventCall<Person, InputOf<O>>;
/** What the browser gets: of a generator what it returns at last. */
type ResultOf<R> = R extends AsyncGenerator<unknown, infer T> | Generator<unknown, infer T>
	? T
	: Awaited<R>;
// biome-ignore lint/suspicious/noExplicitAny: a generator, which is no arrow function, says itself what its `this` is
type Handler<C, R> = (this: any, call: C) => R;

/**
 * The words that State classes are written with, typed by the claims of the providers.
 *
 * @typeParam U The claims.
 * @typeParam D The default rule.
 */
export interface StateWords<U extends UserClaims, D = true> {
	/** Base of the classes that hold server state. */
	readonly State: typeof State;
	/**
	 * Declares a value that events change. `initial` stands in for those who may not see it: never a
	 * secret.
	 */
	field<T>(initial: T, options?: FieldOptions<U>): Field<T>;
	/** Declares a value that is kept with the tab and never sent. */
	serverOnly<T>(initial: T): ServerOnly<T>;
	/**
	 * Declares a value that is worked out from what the function reads, when a caller who may see it
	 * looks.
	 */
	computed<T, const O extends ComputedOptions<unknown, U>>(
		work: (call: ComputedCall<Who<O, U, D>>) => T,
		options: ComputedOptions<NoInfer<T>, U> & O,
	): Computed<T>;
	/**
	 * Declares a value that is worked out asynchronously. What the first function reads is tracked,
	 * and what it returns is the `dependencies` of the second: what that one reads is not tracked.
	 */
	computed<I, T, const O extends ComputedOptions<unknown, U>>(
		dependencies: (call: ComputedCall<Who<O, U, D>>) => I,
		work: (call: AsyncComputedCall<Who<O, U, D>, I>) => Promise<T>,
		options: ComputedOptions<NoInfer<T>, U> & O,
	): Computed<T>;
	/** Declares an event under the default rule, without input. */
	event<R>(handler: Handler<EventCall<Who<unknown, U, D>>, R>): Event<undefined, ResultOf<R>>;
	/** Declares an event. */
	event<const O extends EventOptions<U>, R>(
		options: O & EventOptions<U>,
		handler: Handler<CallOf<O, Who<O, U, D>>, R>,
	): Event<SentInputOf<O>, ResultOf<R>>;
	/** Names something that many tabs see. One name is one topic, throughout an app. */
	topic(name: string): Topic;
}

/** Makes the words of one app. */
export function createStateWords<U extends UserClaims, D>(): {
	words: StateWords<U, D>;
	topics: Topics;
} {
	const topics = new Topics();
	const words = {
		State,
		field: (initial: unknown, options: FieldOptions = {}) =>
			at(recordedSite(), new StoredCell("field", initial, options)),
		serverOnly: (initial: unknown) => at(recordedSite(), new StoredCell("serverOnly", initial, {})),
		computed: (first: never, second: unknown, third?: unknown) =>
			at(
				recordedSite(),
				typeof second === "function"
					? new AsyncComputedCell(first, second as never, third as never)
					: new SyncComputedCell(first, second as never),
			),
		event: (first: unknown, second?: unknown) =>
			at(
				recordedSite(),
				typeof first === "function"
					? new EventCell({}, first as never)
					: new EventCell(first as EventOptions, second as never),
			),
		topic: (name: string) => topics.get(name),
	};
	return { words: words as unknown as StateWords<U, D>, topics };
}

function at<C extends AnyCell>(site: string | undefined, cell: C): C {
	cell.site = site;
	return cell;
}
