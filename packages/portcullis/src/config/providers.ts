import { copyProblem, otherCopyOf, VERSION } from "../base/copies.ts";
import type { ConfigProblem } from "../base/errors.ts";
import { isProvider } from "../protocol/is-provider.ts";
import type { Provider } from "../protocol/provider.ts";
import { Generic } from "../protocol/providers/generic.ts";
import type { ProviderRuntime } from "../protocol/types.ts";
import type { ProviderRef } from "./options.ts";

/** Path segments below `/login` and `/callback` that are not providers. */
const RESERVED_NAMES = new Set(["continue"]);

/**
 * Providers by how soon they are there: those named by class or instance at once, the others when
 * they are first needed.
 */
export interface ProviderSet {
	/**
	 * Connected; in the order of the configuration once `load` has run, until then without the lazy
	 * ones.
	 */
	readonly ready: readonly Provider[];
	/** True if some are imported lazily. */
	readonly isLazy: boolean;
	/** Imports and connects what is left. Resolves to all providers, in order, and every mistake. */
	load(): Promise<{ providers: readonly Provider[]; problems: readonly ConfigProblem[] }>;
}

/** Instantiates and connects the providers that need no import; returns their mistakes. */
export function resolveProviders(
	refs: readonly ProviderRef[] | undefined,
	runtime: ProviderRuntime,
): { set: ProviderSet; problems: readonly ConfigProblem[] } {
	const list: readonly ProviderRef[] = refs ?? [Generic];
	const problems: ConfigProblem[] = [];
	if (list.length === 0)
		problems.push({
			problem: "providers is empty",
			remedy: "Name at least one provider, or leave the option out for Generic.",
		});
	const slots = list.map((ref, i) => (isLazy(ref) ? ref : connect(ref, i, runtime, problems)));
	const ready = slots.filter((slot): slot is Provider => slot !== undefined && !isLazy(slot));
	problems.push(...collisions(ready));

	return {
		set: {
			ready,
			isLazy: slots.some((slot) => slot !== undefined && isLazy(slot)),
			async load() {
				const found: ConfigProblem[] = [];
				const load = async (
					slot: LazyRef | Provider | undefined,
					i: number,
				): Promise<Provider | undefined> => {
					if (slot === undefined || !isLazy(slot)) return slot;
					const ref = await importRef(slot, i, found);
					return ref === undefined ? undefined : connect(ref, i, runtime, found);
				};
				const all = await Promise.all(slots.map(load));
				const providers = all.filter((provider) => provider !== undefined);
				return {
					providers,
					problems: [...found, ...(found.length === 0 ? collisions(providers) : [])],
				};
			},
		},
		problems,
	};
}

type LazyRef = Extract<ProviderRef, string | (() => unknown)>;

function isLazy(ref: ProviderRef | Provider): ref is LazyRef {
	return (
		typeof ref === "string" || (typeof ref === "function" && !isProvider(ref.prototype as unknown))
	);
}

function connect(
	ref: unknown,
	index: number,
	runtime: ProviderRuntime,
	problems: ConfigProblem[],
): Provider | undefined {
	const provider =
		typeof ref === "function" && isProvider(ref.prototype)
			? instantiate(ref as new () => Provider, index, problems)
			: ref;
	if (provider === undefined) return undefined;
	if (!isProvider(provider)) {
		problems.push({
			problem: `providers[${index}] is not a provider`,
			remedy:
				'Pass a class that extends Provider, an instance of one, a function that imports one, or "module#Class".',
		});
		return undefined;
	}
	const other = otherCopyOf(provider);
	if (other && other.version !== VERSION) {
		problems.push(copyProblem(`providers[${index}]`, other));
		return undefined;
	}
	const mistakes = provider.connect(runtime);
	problems.push(...mistakes);
	return mistakes.length === 0 ? provider : undefined;
}

function instantiate(
	Class: new () => Provider,
	index: number,
	problems: ConfigProblem[],
): Provider | undefined {
	try {
		return new Class();
	} catch (error) {
		problems.push({
			problem: `providers[${index}] (${Class.name}) could not be constructed: ${(error as Error).message}`,
			remedy: "Pass an instance if its constructor needs arguments.",
		});
		return undefined;
	}
}

async function importRef(ref: LazyRef, index: number, problems: ConfigProblem[]): Promise<unknown> {
	const name = typeof ref === "string" ? ` ("${ref}")` : "";
	try {
		if (typeof ref === "function") return await ref();
		const [module = "", exported = ""] = ref.split("#");
		if (!exported || module.startsWith(".") || module.startsWith("/")) {
			problems.push({
				problem: `providers[${index}]${name} is not "module#Class"`,
				remedy:
					'Give a package name or a file: URL, a # and the class\'s name; for a file of your own, pass () => import("../app/file.ts").then((m) => m.Class).',
			});
			return undefined;
		}
		const found = ((await import(module)) as Record<string, unknown>)[exported];
		if (found === undefined)
			problems.push({
				problem: `providers[${index}]${name}: the module has no export ${exported}`,
				remedy: "Check the spelling of the class.",
			});
		return found;
	} catch (error) {
		problems.push({
			problem: `providers[${index}]${name} could not be imported: ${(error as Error).message}`,
			remedy: "Check the path, and that the module runs by itself.",
		});
		return undefined;
	}
}

function collisions(providers: readonly Provider[]): ConfigProblem[] {
	const problems: ConfigProblem[] = [];
	for (const [i, provider] of providers.entries()) {
		if (RESERVED_NAMES.has(provider.name))
			problems.push({
				problem: `A provider is named "${provider.name}", which is a route of the gate`,
				remedy: "Give its class another name.",
			});
		for (const other of providers.slice(0, i)) {
			if (provider.name === other.name) {
				problems.push({
					problem: `Two providers are named "${provider.name}"`,
					remedy: "Give one of the classes a name of its own.",
				});
			} else if (provider.issuer === other.issuer) {
				problems.push({
					problem: `Providers "${other.name}" and "${provider.name}" share the issuer ${provider.issuer}`,
					remedy:
						"Answers of one could be taken for the other's: keep one of them, or set their own {NAME}_ISSUER_URI.",
				});
			} else if (provider.clientId === other.clientId) {
				problems.push({
					problem: `Providers "${other.name}" and "${provider.name}" share the client id ${provider.clientId}`,
					remedy: "Set {NAME}_CLIENT_ID for each: OIDC_CLIENT_ID serves one provider only.",
				});
			}
		}
	}
	return problems;
}
