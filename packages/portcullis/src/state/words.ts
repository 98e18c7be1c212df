import { recordedSite } from "../base/definition-site.ts";
import type { InferInput, InferOutput, StandardSchemaV1 } from "../base/standard-schema.ts";
import type { OIDCUserInfo } from "../protocol/types.ts";
import type { User } from "../session/user.ts";
import {
	type AnyCell,
	AsyncComputedCell,
	EventCell,
	StoredCell,
	SyncComputedCell,
} from "./cells.ts";
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
 * Who a surface is for, by its `auth`: with `false`, or where a kit's default is `false`, nobody
 * may be signed in.
 */
type Who<O, U extends OIDCUserInfo, D> = O extends { readonly auth: infer A }
	? false extends A
		? User<U> | undefined
		: User<U>
	: false extends D
		? User<U> | undefined
		: User<U>;

type InputOf<O> = O extends { readonly input: infer S extends StandardSchemaV1 }
	? InferOutput<S>
	: undefined;
type SentInputOf<O> = O extends { readonly input: infer S extends StandardSchemaV1 }
	? InferInput<S>
	: undefined;
type CallOf<O, Person> = O extends { readonly background: true }
	? BackgroundCall<Person>
	: EventCall<Person>;
/** What the browser gets: of a generator what it returns at last. */
type ResultOf<R> = R extends AsyncGenerator<unknown, infer T> | Generator<unknown, infer T>
	? T
	: Awaited<R>;
// biome-ignore lint/suspicious/noExplicitAny: a generator, which is no arrow function, says itself what its `this` is
type Handler<I, C, R> = (this: any, input: I, call: C) => R;

/**
 * The words that State classes are written with, typed by the claims of the providers.
 *
 * @typeParam U The claims.
 * @typeParam D The kit's default rule.
 */
export interface StateWords<U extends OIDCUserInfo, D = true> {
	/** Base of the classes that hold server state. */
	readonly State: typeof State;
	/**
	 * Declares a value that events change. `initial` stands in for those who may not see it: never a
	 * secret.
	 */
	field<T>(initial: T, options?: FieldOptions<U>): Field<T>;
	/** Declares a value that is kept with the client and never sent. */
	serverOnly<T>(initial: T): ServerOnly<T>;
	/**
	 * Declares a value that is worked out from what the function reads, when somebody who may see it
	 * looks.
	 */
	computed<T, const O extends FieldOptions<U>>(
		work: (call: ComputedCall<Who<O, U, D>>) => T,
		options: ComputedOptions<NoInfer<T>, U> & O,
	): Computed<T>;
	/**
	 * Declares a value that is worked out asynchronously. What the first function reads is tracked
	 * and handed to the second: whatever that one reads after an `await` is not.
	 */
	computed<I, T, const O extends FieldOptions<U>>(
		dependencies: (call: ComputedCall<Who<O, U, D>>) => I,
		work: (dependencies: I, call: AsyncComputedCall<Who<O, U, D>>) => Promise<T>,
		options: ComputedOptions<NoInfer<T>, U> & O,
	): Computed<T>;
	/** Declares an event under the kit's default rule, without input. */
	event<R>(
		handler: Handler<undefined, EventCall<Who<unknown, U, D>>, R>,
	): Event<undefined, ResultOf<R>>;
	/** Declares an event. */
	event<const O extends EventOptions<U>, R>(
		options: O & EventOptions<U>,
		handler: Handler<InputOf<O>, CallOf<O, Who<O, U, D>>, R>,
	): Event<SentInputOf<O>, ResultOf<R>>;
	/** Names something that many clients see. One name is one topic, throughout a kit. */
	topic(name: string): Topic;
}

/** Makes the words of one kit. */
export function createStateWords<U extends OIDCUserInfo, D>(): {
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
