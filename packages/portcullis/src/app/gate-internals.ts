import type { LineWriter } from "../audit/log.ts";
import { copyProblem, otherCopyOf, VERSION } from "../base/copies.ts";
import { ConfigError } from "../base/errors.ts";
import type { Runtime } from "../config/runtime.ts";
import type { GetState } from "../guard/context.ts";
import type { GateRequest } from "../guard/gate-request.ts";
import type { Caller } from "../state/caller.ts";
import type { Gate } from "./gate.ts";
import type { Protected } from "./surfaces.ts";

/**
 * What the test kit and hosts of ours need of a gate. It is for them alone: no entry for products
 * exports it.
 */
export interface GateInternals {
	readonly runtime: () => Promise<Runtime>;
	readonly protects: Protected;
	/** State for a caller who has no tab yet, as checks on pages get it. */
	readonly stateOf: (caller: Caller) => GetState;
	/** Milliseconds since the epoch, as the gate sees it. */
	readonly now: () => number;
	/** Path of `POST hydrate` and its likes, without the name. */
	readonly endpoints: string;
	/** Whether the gate answers an absolute URL by itself. */
	readonly isOwnRoute: (url: string) => boolean;
	readonly log: LineWriter;
	/** Id of the session that a request comes with; `undefined` without one. */
	readonly sessionOf: (call: GateRequest) => Promise<string | undefined>;
	/** Hears of each session that ends before its time, by its id. */
	readonly onSessionEnded: (listener: (session: string) => void) => void;
}

// biome-ignore lint/suspicious/noExplicitAny: people and states may be of any type
type AnyGate = Gate<any, any>;

/**
 * The key includes the version: what it leads to is not part of any contract, and another version
 * would misread it.
 */
const INTERNALS = Symbol.for(`portcullis.gate.${VERSION}`);

/**
 * Notes them when the gate is made. On the gate itself, so that another copy of the same version
 * finds them.
 */
export function keepInternals(gate: AnyGate, internals: GateInternals): void {
	Object.defineProperty(gate, INTERNALS, { value: internals });
}

/** `undefined` for what was not made by this version of the package. */
export function internalsOf(gate: AnyGate): GateInternals | undefined {
	return (gate as { readonly [INTERNALS]?: GateInternals } | null | undefined)?.[INTERNALS];
}

/**
 * Refuses a gate of another version, whose hosts this one's are not.
 *
 * @throws {ConfigError}
 */
export function refuseOtherVersion(what: string, gate: AnyGate): void {
	const other = otherCopyOf(gate);
	if (other && other.version !== VERSION)
		throw new ConfigError([copyProblem(`${what} was given a gate that`, other)]);
}
