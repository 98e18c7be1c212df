import { describe, expect, it } from "vitest";
import type { ErrorCode, LogEntry } from "../../src/index.ts";
import type { Faults } from "../../src/testing/faulty-idp-faults.ts";
import {
	type GateFixture,
	type GateFixtureOptions,
	MARKER,
	sessionCookies,
	startGate,
	transactionCookies,
} from "../support/gate-fixture.ts";
import { type Answer, ScriptedBrowser } from "../support/scripted-browser.ts";

/** A login that goes wrong in one way. */
export interface RefusedLogin extends GateFixtureOptions {
	/** Of the test. */
	readonly name: string;
	readonly faults: Faults;
	readonly code: ErrorCode;
	readonly reason?: string;
	/** HTTP status of the error view. */
	readonly status: number;
	/** What else must hold, once the login was refused. */
	readonly also?: (refusal: Refusal) => void | Promise<void>;
}

export interface Refusal {
	readonly fixture: GateFixture;
	readonly browser: ScriptedBrowser;
	/** The error view. */
	readonly page: Answer;
	/** The one line about it. */
	readonly entry: LogEntry;
}

/**
 * Failures of the provider are remembered for two seconds, so that an outage is no storm. Seconds.
 */
const FORGOTTEN = 3;

/**
 * Takes each fault through a whole login, from the page that is shut to the error view: refused
 * with the right code under one error id, nobody signed in, the page still shut, and signed in at
 * once when the fault is gone.
 */
export function refusesLogin(title: string, logins: readonly RefusedLogin[]): void {
	describe(title, () => {
		it.each(logins)("refuses $name", async ({ faults, code, reason, status, also, ...options }) => {
			const fixture = await startGate(options);
			const browser = new ScriptedBrowser();
			fixture.idp.faults = faults;

			const page = await fixture.signIn(browser, { path: "/private?page=1" });
			const entry = expectErrorView(fixture, page, { code, reason, status });
			expectNobody(browser);
			await also?.({ fixture, browser, page, entry });

			const again = await browser.navigate(`${fixture.origin}/private`);
			expect(again.body).not.toContain(MARKER);
			expect(new URL(again.url).pathname).toBe("/login");

			fixture.idp.reset();
			fixture.clock.ahead += FORGOTTEN;
			expect((await fixture.signIn(browser, { path: "/private?page=1" })).body).toBe(
				`${MARKER} /private for ada`,
			);
			expect(fixture.log).toEqual([entry]);
		});
	});
}

/** Takes variations that the standards allow through a login, which must succeed. */
export function acceptsLogin(
	title: string,
	logins: readonly (GateFixtureOptions & { name: string; faults: Faults })[],
): void {
	describe(title, () => {
		it.each(logins)("accepts $name", async ({ faults, ...options }) => {
			const fixture = await startGate(options);
			fixture.idp.faults = faults;
			expect((await fixture.signIn()).body).toBe(`${MARKER} /private for ada`);
			expect(fixture.log).toEqual([]);
		});
	});
}

/** One error view, and one log line with the same id. */
export function expectErrorView(
	{ log }: GateFixture,
	page: Answer,
	expected: { code: ErrorCode; reason?: string | undefined; status: number },
): LogEntry {
	expect(log.map(({ code, reason }) => ({ code, reason }))).toEqual([
		{ code: expected.code, reason: expected.reason },
	]);
	const entry = log[0] as LogEntry;
	expect(page.status).toBe(expected.status);
	expect(page.headers.get("content-type")).toContain("text/html");
	expect(page.headers.get("cache-control")).toContain("no-store");
	expect(entry.level).toBe("error");
	expect(entry.id).toMatch(/^[\w-]{12,16}$/);
	expect(page.body).toContain(`<code>${entry.id}</code>`);
	return entry;
}

function expectNobody(browser: ScriptedBrowser): void {
	expect(sessionCookies(browser)).toEqual([]);
	expect(transactionCookies(browser)).toEqual([]);
}
