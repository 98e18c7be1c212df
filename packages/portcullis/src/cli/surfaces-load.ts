import { randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Gate } from "../app/gate.ts";
import { PROTECTED_ROUTES, type ProtectedRoutes, type Surface } from "../app/surfaces.ts";
import { isPortcullisError } from "../base/errors.ts";
import { Exit } from "./exit.ts";

/** As much of a gate as is looked at. It may be of another copy of the package. */
type AnyGate = Pick<Gate, "surfaces">;

/** What was found in a module. */
export interface LoadedSurfaces {
	readonly surfaces: readonly Surface[];
	/**
	 * False if the module exports no app of `portcullis/hono` behind the gate, so that tags on routes
	 * are not known.
	 */
	readonly hasRoutes: boolean;
}

/** The export that is looked for when none is named. */
const DEFAULT_EXPORT = "gate";
/** Nothing could be listed. */
const UNUSABLE = 2;

/**
 * Imports a module and lists what its gate protects.
 *
 * Variables that a gate cannot be made without, and that are not set, have placeholders while it is
 * imported: no provider is asked for anything, and the address of the one that stands in does not
 * exist.
 *
 * @param module Path, relative to the working directory.
 * @param exportName Default: `gate`, else the only gate among the exports, else the gate of the
 *   only protected app or listener.
 * @throws {Exit} 2 if the module cannot be imported or has no such gate.
 * @throws {ConfigError} if the gate is not set up correctly.
 */
export async function loadSurfaces(
	module: string,
	exportName: string | undefined,
): Promise<LoadedSurfaces> {
	const exported = await importModule(module);
	const apps = Object.values(exported).flatMap((value) => protectedRoutesOf(value) ?? []);
	const gate = findGate(exported, apps, module, exportName);
	const own = [...new Set(apps)].filter((app) => app.gate === gate);
	return { surfaces: gate.surfaces(own.flatMap((app) => app.list())), hasRoutes: own.length > 0 };
}

async function importModule(module: string): Promise<Readonly<Record<string, unknown>>> {
	const url = pathToFileURL(resolve(module)).href;
	try {
		return await withPlaceholders(() => withoutOutput(() => import(url)));
	} catch (error) {
		if (isPortcullisError(error)) throw error;
		const said = error instanceof Error ? (error.stack ?? error.message) : String(error);
		throw new Exit(UNUSABLE, `${module} cannot be imported:\n${said}\n`);
	}
}

function findGate(
	exported: Readonly<Record<string, unknown>>,
	apps: readonly ProtectedRoutes[],
	module: string,
	exportName: string | undefined,
): AnyGate {
	const named = gateOf(exported[exportName ?? DEFAULT_EXPORT]);
	if (named) return named;
	if (exportName !== undefined)
		throw new Exit(UNUSABLE, `${module} exports no gate that is called ${exportName}\n`);
	let names = Object.keys(exported).filter((name) => isGate(exported[name]));
	// What protect() has made of an app and auth has its gate.
	if (names.length === 0) names = Object.keys(exported).filter((name) => gateOf(exported[name]));
	const gates = new Set(names.map((name) => gateOf(exported[name]) as AnyGate));
	if (gates.size === 0) for (const app of apps) gates.add(app.gate as AnyGate);
	const [gate, ...others] = gates;
	if (gate === undefined)
		throw new Exit(
			UNUSABLE,
			`${module} exports no gate. Export what auth.gate() returns: export const gate = auth.gate(...)\n`,
		);
	if (others.length > 0)
		throw new Exit(
			UNUSABLE,
			`${module} has several gates (${names.join(", ")}): name one with --export\n`,
		);
	return gate;
}

/** A gate, or that of what `protect()` has made. */
function gateOf(value: unknown): AnyGate | undefined {
	if (isGate(value)) return value;
	const own = (value as { readonly gate?: unknown } | null | undefined)?.gate;
	return isGate(own) ? own : undefined;
}

function isGate(value: unknown): value is AnyGate {
	return (
		typeof value === "object" &&
		value !== null &&
		["surfaces", "enter"].every(
			(method) => typeof (value as Record<string, unknown>)[method] === "function",
		)
	);
}

function protectedRoutesOf(value: unknown): ProtectedRoutes | undefined {
	if ((typeof value !== "object" && typeof value !== "function") || value === null)
		return undefined;
	return (value as { [PROTECTED_ROUTES]?: ProtectedRoutes })[PROTECTED_ROUTES];
}

/** Sets what a gate needs and the environment lacks, and takes it away again. */
async function withPlaceholders<T>(work: () => Promise<T>): Promise<T> {
	const placeholders = {
		// A name that is reserved for never being resolved (RFC 6761 section 6.4).
		OIDC_ISSUER_URI: "https://issuer.invalid",
		OIDC_CLIENT_ID: "portcullis-surfaces",
		// Not a fixed one: should the module start a server, no one else may know what it seals its
		// cookies with.
		PORTCULLIS_SECRET: randomUUID() + randomUUID(),
	};
	const missing = Object.entries(placeholders).filter(([name]) => !process.env[name]?.trim());
	const before = missing.map(([name]) => [name, process.env[name]] as const);
	for (const [name, value] of missing) process.env[name] = value;
	try {
		return await work();
	} finally {
		for (const [name, value] of before) {
			if (value === undefined) delete process.env[name];
			else process.env[name] = value;
		}
	}
}

/**
 * Sends what the module writes to the standard error: the standard output is for the list alone.
 */
async function withoutOutput<T>(work: () => Promise<T>): Promise<T> {
	const write = process.stdout.write;
	process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write;
	try {
		return await work();
	} finally {
		process.stdout.write = write;
	}
}
