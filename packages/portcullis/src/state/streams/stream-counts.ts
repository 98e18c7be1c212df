import { networkGroup, siteGroup } from "../../store/groups.ts";
import type { Caller } from "../caller.ts";

/**
 * Streams of one session or, for anonymous callers, of one network at once, and tabs on them; the
 * oldest gives way.
 */
const MAX_STREAMS_OF_ONE = 32;
const MAX_TABS_OF_ONE = 400;
/**
 * Tabs on all streams of anonymous callers in this process. Of more, the network with the most
 * gives way; where hosts know no addresses, this is what there is.
 */
const MAX_ANONYMOUS_TABS = 4000;
/** Tabs on all streams of this process: of more, anonymous callers give way first. */
const MAX_TABS = 20_000;

/** What a stream counts with. */
export interface StreamGroup {
	readonly key: string;
	readonly isAnonymous: boolean;
	/** Where no addresses are known, all anonymous callers are in one. */
	readonly isEveryone: boolean;
	/** All networks of one site have this in common. */
	readonly site: string;
}

/** A stream as far as it is counted. */
export interface CountedStream {
	readonly group: StreamGroup;
	/** Tabs that count: one at least, since a stream without tabs takes a connection as well. */
	counted: number;
}

/** Streams that count together: of a session, or of an anonymous network. */
interface Group<S> extends StreamGroup {
	/** The oldest first. */
	readonly streams: Set<S>;
	tabs: number;
}

/** How many streams there are, of which callers, with how many tabs on them. */
export class StreamCounts<S extends CountedStream> {
	readonly #groups = new Map<string, Group<S>>();
	#tabs = 0;
	#anonymous = 0;

	add(stream: S): void {
		const { key } = stream.group;
		const group = this.#groups.get(key) ?? { ...stream.group, streams: new Set<S>(), tabs: 0 };
		this.#groups.set(key, group);
		group.streams.add(stream);
		const { counted } = stream;
		stream.counted = 0;
		this.#change(stream, counted);
	}

	remove(stream: S): void {
		const group = this.#groups.get(stream.group.key);
		this.#change(stream, -stream.counted);
		group?.streams.delete(stream);
		if (group?.streams.size === 0) this.#groups.delete(group.key);
	}

	/** One tab of the stream has moved to another one. */
	tabMoved(stream: CountedStream): void {
		// Until its connection ends, a stream that has lost all of its tabs still counts as one.
		if (stream.counted > 1) this.#change(stream, -1); // proven: moved-tabs
	}

	#change(stream: CountedStream, by: number): void {
		const group = this.#groups.get(stream.group.key);
		if (!group) return;
		stream.counted += by;
		group.tabs += by;
		this.#tabs += by;
		if (group.isAnonymous) this.#anonymous += by;
	}

	/** The stream that has to give way before one more is opened; `undefined` if there is room. */
	excess({ key, isAnonymous, isEveryone }: StreamGroup, tabs: number): S | undefined {
		const own = this.#groups.get(key);
		const isTooMuch = (count: number, most: number): boolean => count + Math.max(1, tabs) > most;
		// proven: streams-of-one
		if (
			own &&
			!isEveryone &&
			(own.streams.size >= MAX_STREAMS_OF_ONE || isTooMuch(own.tabs, MAX_TABS_OF_ONE))
		)
			return oldestOf(own);
		// proven: anonymous-tabs
		if (isAnonymous && isTooMuch(this.#anonymous, MAX_ANONYMOUS_TABS))
			return oldestOf(this.#largest(true));
		if (isTooMuch(this.#tabs, MAX_TABS))
			return oldestOf(this.#largest(true) ?? this.#largest(false));
		return undefined;
	}

	/**
	 * Of the site with the most tabs, the network with the most: to have many networks is no
	 * advantage.
	 */
	#largest(isAnonymous: boolean): Group<S> | undefined {
		const groups = [...this.#groups.values()].filter((group) => group.isAnonymous === isAnonymous);
		const sites = new Map<string, number>();
		for (const { site, tabs } of groups) sites.set(site, (sites.get(site) ?? 0) + tabs);
		const ofSite = ({ site }: Group<S>): number => sites.get(site) ?? 0;
		let largest: Group<S> | undefined;
		for (const group of groups) {
			const more = largest ? ofSite(group) - ofSite(largest) || group.tabs - largest.tabs : 1; // proven: largest-network
			if (more > 0) largest = group; // proven: oldest-network
		}
		return largest;
	}
}

/** What the streams of a caller count with. */
export function streamGroupOf({ owner, address }: Caller): StreamGroup {
	const session = `session ${owner}`;
	if (owner !== "") return { key: session, isAnonymous: false, isEveryone: false, site: session };
	const everyone = "everyone";
	if (address === undefined)
		return { key: everyone, isAnonymous: true, isEveryone: true, site: everyone };
	return {
		key: networkGroup(address) ?? "",
		isAnonymous: true,
		isEveryone: false,
		site: siteGroup(address),
	};
}

function oldestOf<S>(group: Group<S> | undefined): S | undefined {
	const [oldest] = group?.streams ?? [];
	return oldest;
}
