import type { StateType } from "../state-types.ts";
import type { TabState } from "../tabs/tab-state.ts";
import type { SharedTopic } from "../topic.ts";
import type { CountedStream } from "./stream-counts.ts";

/** A tab as a browser names it for its stream. */
export interface ListedTab {
	readonly client: string;
	readonly rev: number;
	readonly states?: readonly string[];
}

/** A tab for a stream, once its name is opened. */
export interface StreamedTab {
	/** `undefined` for one that is not the caller's, or not known. */
	readonly id: string | undefined;
	readonly rev: number;
	readonly types: readonly StateType[];
}

/** A tab on a stream, with what is known of it here. */
export interface StreamPlace {
	readonly stream: PlacedStream;
	readonly index: number;
	readonly id: string;
	readonly types: readonly StateType[];
	readonly topics: ReadonlySet<SharedTopic>;
	readonly tab: TabState;
	browserRev: number;
	isBusy: boolean;
	isDue: boolean;
	isStale: boolean;
	/** Of the last delta, about. Bytes. */
	size: number;
	/** Nothing was looked at for it yet. */
	isNew: boolean;
	/** For a value that is being worked out. */
	isWaiting: boolean;
}

/** A stream as its places see it. */
export interface PlacedStream extends CountedStream {
	/** Sends what is new for a tab. */
	push(place: StreamPlace): Promise<void>;
}
