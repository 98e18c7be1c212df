import type { Gate } from "../app/gate.ts";
import { refuseOtherVersion } from "../app/gate-internals.ts";
import type { Auth } from "../app/portcullis.ts";
import { definedAt } from "../base/definition-site.ts";
import { ConfigError, type ConfigProblem } from "../base/errors.ts";
import type { GateOptions } from "../config/options.ts";

// biome-ignore lint/suspicious/noExplicitAny: people and states may be of any type
export type AnyGate = Gate<any, any>;
// biome-ignore lint/suspicious/noExplicitAny: people may be of any type
export type AnyAuth = Auth<any, any>;

/** What a host has that has made its gate by itself. No interface: compilers can spell it out. */
export type WithGate<G> = {
	/** The gate: for `gate.ready()`, `gate.snapshot(request)`, `shutDown` and `upgrade`. */
	readonly gate: G;
};

/** What a host was given besides the app. */
export interface GivenGate {
	/** How the host is called, for messages. */
	readonly host: string;
	/** A gate, or what `portcullis()` has returned. */
	readonly given: AnyGate | AnyAuth;
	readonly options: GateOptions | undefined;
	/** Where the host was called. */
	readonly site: string | undefined;
	/** Other mistakes that the host has found, to be said at once. */
	readonly problems?: readonly ConfigProblem[];
}

/**
 * The gate that a host was given, or a new one of `auth.gate(options)`.
 *
 * @throws {ConfigError} with every mistake.
 */
export function gateFor({ host, given, options, site, problems = [] }: GivenGate): AnyGate {
	const all = [...problems];
	if (isAuth(given)) {
		const gate = made(() => definedAt(site, () => given.gate(options as never)), all);
		if (gate && all.length === 0) return gate;
		throw new ConfigError(all);
	}
	refuseOtherVersion(host, given);
	// proven: options-besides-gate
	if (options !== undefined)
		all.push({
			problem: `${host} was given a gate and options, which would count for nothing`,
			remedy: "Pass what portcullis() has returned in place of the gate, or make it with them.",
		});
	if (all.length > 0) throw new ConfigError(all);
	return given;
}

/** Adds the mistakes that keep a gate from being made. */
function made(make: () => AnyGate, problems: ConfigProblem[]): AnyGate | undefined {
	try {
		return make();
	} catch (error) {
		const found = (error as Partial<ConfigError> | undefined)?.problems;
		if (!Array.isArray(found)) throw error;
		problems.push(...found);
		return undefined;
	}
}

function isAuth(given: AnyGate | AnyAuth): given is AnyAuth {
	return typeof (given as Partial<AnyAuth> | null | undefined)?.gate === "function";
}
