import { listRules, type RuledSurface } from "../app/surfaces.ts";
import type { AuthContext, GetState, Rule } from "../guard/context.ts";
import { type Decision, type DenialReason, decide } from "../guard/decide.ts";
import type { User } from "../session/user.ts";
import { type GateOrApp, gateOf, insideOf } from "./test-session.ts";
import { type TestClaims, testUser } from "./test-user.ts";

/** The people of a policy table by name; `null` is a caller who is not signed in. */
export type Personas = Readonly<Record<string, TestClaims | null>>;

/** What a policy table is about. */
export interface PolicyOptions {
	/**
	 * Input of events, by name, for checks that look at it: `{ "notes.remove": { id: "1" } }`.
	 * Default: none.
	 */
	readonly payloads?: Readonly<Record<string, unknown>>;
}

/** Why a check gave no usable answer. What stands in the table then is a no all the same. */
const REASONS: Readonly<Record<DenialReason, string>> = {
	check_denied: "no",
	claim_missing: "no (claim missing)",
	step_up_required: "after another sign-in",
	check_threw: "no (check threw)",
	check_timed_out: "no (check timed out)",
	check_not_boolean: "no (check gave no boolean)",
};

/**
 * Who may have what, as a table: a line for each page, route, event, field and computed value of a
 * gate, a column for each person. For a snapshot that people review: `expect(await
 * expectPolicy(gate, personas)).toMatchSnapshot()`.
 *
 * Pass the app that `protect()` of `portcullis/hono` has returned, so that its routes and their tags
 * are in the table; a gate alone knows the rules of `pages` and the states.
 *
 * Runs the rules themselves, each with the context of its surface; no handler runs, and nothing is
 * worked out.
 */
export async function expectPolicy(
	gateOrApp: GateOrApp,
	personas: Personas,
	options: PolicyOptions = {},
): Promise<string> {
	const { gate, routes: app } = gateOf(gateOrApp);
	const { protects, stateOf, runtime } = insideOf(gate);
	const first = (await runtime()).providers[0]?.provider;
	const signedIn = first ? { provider: first.name } : {};
	const routes = app?.list() ?? [];
	const people = Object.entries(personas).map(([name, claims]) => {
		const user =
			claims === null ? undefined : testUser({ iss: first?.issuer, ...claims }, signedIn);
		const request = new Request("https://app.example/");
		const caller = {
			owner: name,
			user,
			expiresAt: Number.POSITIVE_INFINITY,
			order: 0,
			request,
			address: undefined,
		};
		return { name, user, request, getState: stateOf(caller) };
	});
	const rows = [["", "", ...people.map(({ name }) => name)]];
	for (const surface of listRules(protects, routes)) {
		const cells = people.map(async ({ user, request, getState }) =>
			wordOf(await decideOn(surface, user, request, getState, options.payloads?.[surface.name])),
		);
		rows.push([surface.kind, surface.name, ...(await Promise.all(cells))]);
	}
	return align(rows);
}

async function decideOn(
	{ kind, name, rules }: RuledSurface,
	user: User | undefined,
	request: Request,
	getState: GetState,
	payload: unknown,
): Promise<Decision> {
	const context = (person: User): AuthContext => {
		const base = { user: person, request, getState };
		if (kind === "event") return { ...base, kind, event: name, payload };
		return kind === "field" || kind === "computed"
			? { ...base, kind: "value", name }
			: { ...base, kind: "page" };
	};
	return decide(rules as readonly Rule<AuthContext>[], user && (() => context(user)));
}

function wordOf(decision: Decision): string {
	if (decision.outcome === "granted") return "yes";
	return decision.outcome === "anonymous" ? "login" : REASONS[decision.reason];
}

/** Columns as wide as their widest cell; no blanks at the end of a line. */
function align(rows: readonly (readonly string[])[]): string {
	const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
	return rows
		.map((row) =>
			row
				.map((cell, i) => cell.padEnd(widths[i] ?? 0))
				.join("  ")
				.trimEnd(),
		)
		.join("\n");
}
