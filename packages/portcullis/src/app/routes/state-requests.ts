import type { OnceRequest } from "../../state/state-service.ts";
import type { EventRequest, HydrateRequest, StreamRequest } from "../../wire/state.ts";

/** Most names of states, or tabs of a browser: no real app or person has more. */
const MAX_LIST = 200;
const MAX_TEXT = 4096;

// Bodies are what a stranger sent: each member is looked at, and nothing else of them is used.

export function parseHydrate(body: unknown): HydrateRequest | undefined {
	if (!isRecord(body)) return undefined;
	const { client, states, path } = body;
	if (!isOptional(client, isText) || !isOptional(states, isNames) || !isOptional(path, isText))
		return undefined;
	return {
		...(client === undefined ? {} : { client }),
		...(states === undefined ? {} : { states }),
		...(path === undefined ? {} : { path }),
	};
}

/** What a program asks of an event or of values: it has no tab, so nothing of one. */
export function parseOnce(body: unknown): OnceRequest | undefined {
	if (!isRecord(body)) return undefined;
	const { state, event, payload, states } = body;
	if (!isText(state) || !isText(event) || !isOptional(states, isNames)) return undefined;
	return { state, event, payload, ...(states === undefined ? {} : { states }) };
}

export function parseEvent(body: unknown): EventRequest | undefined {
	if (!isRecord(body)) return undefined;
	const { client, epoch, rev, states, seq, id, state, event, payload, repeat } = body;
	if (
		!isText(client) ||
		!isText(id) ||
		!isText(state) ||
		!isText(event) ||
		!isCount(epoch) ||
		!isCount(rev) ||
		!isCount(seq)
	)
		return undefined;
	if (!isOptional(states, isNames) || (repeat !== undefined && repeat !== true)) return undefined;
	return {
		...{ client, epoch, rev, seq, id, state, event, payload },
		...(states === undefined ? {} : { states }),
		...(repeat === undefined ? {} : { repeat }),
	};
}

export function parseStream(body: unknown): StreamRequest | undefined {
	// proven: many-clients
	if (!isRecord(body) || !Array.isArray(body.clients) || body.clients.length > MAX_LIST)
		return undefined;
	const clients: StreamRequest["clients"][number][] = [];
	for (const entry of body.clients as unknown[]) {
		if (!isRecord(entry)) return undefined;
		const { client, rev, states } = entry;
		if (!isText(client) || !isCount(rev) || !isOptional(states, isNames)) return undefined;
		clients.push({ client, rev, ...(states === undefined ? {} : { states }) });
	}
	return { clients };
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value); // proven: any-body
}

function isText(value: unknown): value is string {
	return typeof value === "string" && value.length <= MAX_TEXT; // proven: any-text, long-text
}

function isCount(value: unknown): value is number {
	return Number.isSafeInteger(value) && (value as number) >= 0; // proven: any-count
}

function isNames(value: unknown): value is string[] {
	return Array.isArray(value) && value.length <= MAX_LIST && value.every(isText); // proven: long-lists
}

function isOptional<T>(value: unknown, is: (value: unknown) => value is T): value is T | undefined {
	return value === undefined || is(value);
}
