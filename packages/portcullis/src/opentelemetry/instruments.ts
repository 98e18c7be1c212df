import type { Counter, Histogram, Meter, MeterProvider } from "@opentelemetry/api";
import type { AuditAction } from "../audit/audit.ts";

/** What is measured. */
export interface Instruments {
	/** What is counted of each action; of the guard's two decisions, refusals. */
	readonly counters: Readonly<Record<AuditAction, Counter>>;
	readonly unsealFailures: Counter;
	readonly providerDuration: Histogram;
}

/** Name, unit in UCUM braces and description of what each action is counted by. */
const COUNTERS: Readonly<
	Record<AuditAction, readonly [name: string, unit: string, description: string]>
> = {
	login_started: [
		"portcullis.logins.started",
		"{login}",
		"Logins that were begun, or could not be.",
	],
	login_completed: [
		"portcullis.logins.completed",
		"{login}",
		"Logins that came back from the provider, by how they ended.",
	],
	logout: [
		"portcullis.logouts",
		"{logout}",
		"Sessions that were ended by their person, the next login, or the provider.",
	],
	token_refresh: ["portcullis.refreshes", "{refresh}", "Renewals of tokens at the provider."],
	session_expired: [
		"portcullis.sessions.expired",
		"{session}",
		"Sessions that ended by themselves.",
	],
	page_load: [
		"portcullis.refusals",
		"{refusal}",
		"Requests and events that the guard did not let in.",
	],
	event_handler: [
		"portcullis.refusals",
		"{refusal}",
		"Requests and events that the guard did not let in.",
	],
};

/** Seconds; those of `http.client.request.duration` in the semantic conventions. */
const DURATION_BOUNDARIES = [
	0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];

/** The instruments of a meter, each made once. */
export function createInstruments(meter: Meter): Instruments {
	const counters = new Map<string, Counter>();
	const counter = ([name, unit, description]: (typeof COUNTERS)[AuditAction]): Counter => {
		const known = counters.get(name) ?? meter.createCounter(name, { unit, description });
		counters.set(name, known);
		return known;
	};
	const entries = Object.entries(COUNTERS).map(([action, definition]) => [
		action,
		counter(definition),
	]);
	return {
		counters: Object.fromEntries(entries) as Record<AuditAction, Counter>,
		unsealFailures: meter.createCounter("portcullis.unseal_failures", {
			unit: "{value}",
			description: "Sealed values, of cookies as a rule, that did not open.",
		}),
		providerDuration: meter.createHistogram("portcullis.provider.request.duration", {
			unit: "s",
			description: "Duration of calls to identity providers, body included.",
			advice: { explicitBucketBoundaries: DURATION_BOUNDARIES },
		}),
	};
}

/**
 * Finds the instruments of the provider that is registered when something is measured: an SDK may
 * register itself after the gate was made, and a meter that was taken before stays silent.
 */
export function instrumentsFrom(current: () => MeterProvider, scope: string): () => Instruments {
	let known: { readonly provider: MeterProvider; readonly instruments: Instruments } | undefined;
	return () => {
		const provider = current();
		if (known?.provider !== provider)
			known = { provider, instruments: createInstruments(provider.getMeter(scope)) };
		return known.instruments;
	};
}
