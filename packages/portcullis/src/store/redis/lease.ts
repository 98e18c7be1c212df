import { StateError } from "../../base/errors.ts";
import type { Keeping, RecordLease, StoredEntries } from "../contract.ts";
import { closedError, conflictError } from "../errors.ts";
import type { RedisConnection } from "./connection.ts";
import { NOTE_AGAIN, type RedisOwners } from "./owners.ts";
import { COMMIT, RELEASE, REMOVE, RENEW } from "./scripts.ts";
import { fromRedis, toRedis } from "./text.ts";

/** Before the name of every entry's field, so that no entry is taken for the version. */
const ENTRY = ":";
/** Field that says with whom the record counts. */
const OWNERS = "o";

/** What a lease needs to know of its store. */
export interface RedisLeaseDeps {
	readonly connection: RedisConnection;
	/** Milliseconds. */
	readonly leaseTime: number;
	/** Tells a process that it may take the client's lease now. Never rejects. */
	readonly wake: (waiting: string, client: string) => Promise<void>;
	readonly owners: RedisOwners;
	readonly keysOf: (client: string) => RedisKeys;
	/** Hears once that the lease has been given back. */
	readonly onRelease: (lease: RedisLease) => void;
}

/**
 * Names of a client's keys. All of them are on one node of a cluster, which goes by what is in the
 * braces.
 */
export interface RedisKeys {
	readonly record: string;
	readonly lease: string;
	readonly reservation: string;
}

/** The keys of a client. */
export function keysOf(prefix: string, client: string): RedisKeys {
	const record = `${prefix}{${client.replace(/[%{}]/g, encodeURIComponent)}}`;
	return { record, lease: `${record}:lease`, reservation: `${record}:next` };
}

/** A lease that a process has asked for. */
export interface TakenLease {
	readonly client: string;
	readonly keys: RedisKeys;
	/** What Redis has under the key of the lease. */
	readonly token: string;
	/** `performance.now()` before Redis was asked. */
	readonly takenAt: number;
}

/** A lease as Redis has it: a key that holds its token and expires by itself. */
export class RedisLease implements RecordLease {
	readonly client: string;
	readonly version: number;
	readonly entries: StoredEntries | undefined;
	readonly #deps: RedisLeaseDeps;
	readonly #taken: TakenLease;
	readonly #renewal: ReturnType<typeof setInterval>;
	#presentVersion: number;
	#controller: AbortController | undefined;
	#state: "held" | "lost" | "released" | "closed" = "held";
	/** By this clock Redis had the lease for its full time; taken before the request was sent. */
	#renewedAt: number;

	constructor(deps: RedisLeaseDeps, taken: TakenLease, record: RedisRecord) {
		this.#deps = deps;
		this.client = taken.client;
		this.#taken = taken;
		this.#renewedAt = taken.takenAt;
		this.version = record.version;
		this.#presentVersion = record.version;
		this.entries = record.entries;
		this.#renewal = setInterval(() => void this.#renew(), deps.leaseTime / 3);
		(this.#renewal as { unref?(): void }).unref?.();
	}

	get signal(): AbortSignal {
		if (!this.#controller) {
			this.#controller = new AbortController();
			if (this.#state === "lost" || this.#state === "closed")
				this.#controller.abort(this.#stateError());
		}
		return this.#controller.signal;
	}

	async commit(
		changes: Iterable<readonly [string, string | undefined]>,
		version: number,
		keeping: Keeping,
	): Promise<void> {
		this.#check();
		if (!(version > this.#presentVersion)) throw conflictError("version_not_newer");
		const set: string[] = [];
		const removed: string[] = [];
		for (const [key, text] of changes instanceof Map ? changes : new Map(changes)) {
			if (text === undefined) removed.push(fieldOf(key));
			else set.push(fieldOf(key), toRedis(text));
		}
		const { ttl } = keeping;
		const milliseconds = Math.max(1, Math.ceil(ttl * 1000));
		const owners = await this.#deps.owners.find(keeping);
		const whose = owners.map(({ name }) => name).join(" ");
		const counts = [String(milliseconds), whose, String(NOTE_AGAIN), String(set.length / 2)];
		const answer = await this.#write(COMMIT, [String(version), ...counts, ...set, ...removed]);
		this.#presentVersion = version;
		if (answer === "note")
			await this.#deps.owners.note(this.client, owners, ttl, this.#deps.keysOf);
	}

	async remove(): Promise<void> {
		this.#check();
		await this.#write(REMOVE, []);
		this.#presentVersion = 0;
	}

	/** Returns at once: the next commands of this process reach Redis after it. */
	release(): void {
		if (this.#state === "released" || this.#state === "closed") return;
		const isLost = this.#state === "lost";
		this.#end("released");
		if (!isLost) void this.#giveBack();
		this.#deps.onRelease(this);
	}

	/**
	 * Gives the lease back because the store closes: its holder learns it as from a lost one. Never
	 * throws.
	 */
	async revoke(): Promise<void> {
		const isHeld = this.#state === "held";
		this.#end("closed");
		this.#controller?.abort(this.#stateError());
		if (isHeld) await this.#giveBack();
	}

	async #write(script: typeof COMMIT, args: readonly string[]): Promise<unknown> {
		const { keys, token } = this.#taken;
		const { connection } = this.#deps;
		const answer = await connection.run(
			script,
			[keys.record, keys.lease],
			[token, String(this.#presentVersion), ...args],
		);
		if (answer === "ok" || answer === "note") return answer;
		if (answer !== "lost") throw conflictError("version_changed");
		this.#lose();
		throw conflictError("lease_lost");
	}

	async #renew(): Promise<void> {
		const sentAt = performance.now();
		// Redis has dropped the lease by now, even if this process could not be told.
		if (sentAt - this.#renewedAt >= this.#deps.leaseTime) return this.#lose();
		try {
			const { keys, token } = this.#taken;
			const args = [token, String(this.#deps.leaseTime)];
			const answer = await this.#deps.connection.run(RENEW, [keys.lease], args);
			if (answer === "ok") this.#renewedAt = Math.max(this.#renewedAt, sentAt);
			else this.#lose();
		} catch {
			// The next one may come through; if none does, the clock decides.
		}
	}

	async #giveBack(): Promise<void> {
		await giveBack(this.#deps, this.#taken);
	}

	#lose(): void {
		if (this.#state !== "held") return;
		this.#end("lost");
		this.#controller?.abort(this.#stateError());
	}

	#end(state: "lost" | "released" | "closed"): void {
		this.#state = state;
		clearInterval(this.#renewal);
	}

	#check(): void {
		if (this.#state !== "held") throw this.#stateError();
	}

	#stateError(): StateError {
		if (this.#state === "closed") return closedError();
		return conflictError(this.#state === "released" ? "lease_released" : "lease_lost");
	}
}

/** Gives a lease back. If that fails, Redis lets it expire. Never throws. */
export async function giveBack(
	{ connection, wake }: Pick<RedisLeaseDeps, "connection" | "wake">,
	{ keys, token, client }: TakenLease,
): Promise<void> {
	try {
		const next = await connection.run(RELEASE, [keys.lease, keys.reservation], [token]);
		if (typeof next === "string" && next !== "ok" && next !== "lost") await wake(next, client);
	} catch {
		// As said above.
	}
}

/** A record as it came with a lease. */
export interface RedisRecord {
	readonly version: number;
	readonly entries: StoredEntries | undefined;
}

/**
 * Reads what `ACQUIRE` answers: fields and values in turn.
 *
 * @param knownVersion A record of that version came without entries, and has none here.
 * @throws {StateError} `state_store_unavailable` for what this package did not write.
 */
export function readRecord(reply: readonly string[], knownVersion: number): RedisRecord {
	let version = 0;
	const entries = new Map<string, string>();
	try {
		for (let i = 0; i + 1 < reply.length; i += 2) {
			const [field = "", value = ""] = [reply[i], reply[i + 1]];
			if (field === "v") version = Number(value);
			else if (field !== OWNERS)
				entries.set(fromRedis(field.slice(ENTRY.length)), fromRedis(value));
		}
	} catch (cause) {
		throw unreadableError(cause);
	}
	if (reply.length > 0 && !(version > 0)) throw unreadableError(undefined);
	return { version, entries: version === 0 || version === knownVersion ? undefined : entries };
}

function fieldOf(key: string): string {
	return ENTRY + toRedis(key);
}

function unreadableError(cause: unknown): StateError {
	return new StateError(
		"state_store_unavailable",
		"A record in Redis is not one that was written here",
		{
			cause,
			reason: "record_unreadable",
		},
	);
}
