import { afterEach, expect, test, vi } from "vitest";
import { z } from "zod";
import type { AuditContext } from "../../src/index.ts";
import { MARKER, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";
import { StateTab } from "../support/state-tab.ts";

// What a stranger or a provider sends may be nested as deep as its size allows. Functions that call
// themselves for each level run out of stack at a few thousand: none of ours may.

/** As much as fits into a body. */
const LEVELS = 100_000;
const DEEP = {
	lists: `${"[".repeat(LEVELS)}${"]".repeat(LEVELS)}`,
	objects: `${'{"":'.repeat(40_000)}1${"}".repeat(40_000)}`,
	"objects below __proto__": `{"__proto__":${"[".repeat(LEVELS)}${"]".repeat(LEVELS)}}`,
};

afterEach(() => {
	vi.useRealTimers();
});

interface Heard extends AuditContext {
	readonly is: string;
}

async function startDeep() {
	const heard: Heard[] = [];
	const ran: unknown[] = [];
	const fixture = await startGate({
		auth: {
			platform: {
				audit: (action, outcome, context) =>
					void heard.push({ is: `${action} ${outcome}`, ...context }),
			},
		},
		gate: ({ State, event }) => {
			const any = z.unknown();
			class Board extends State {
				open = event({ auth: false, input: any }, ({ input }) => void ran.push(input));
				write = event({ input: any }, ({ input }) => void ran.push(input));
				never = event({ auth: () => false, input: any }, ({ input }) => void ran.push(input));
				looks = event(
					{ auth: ({ payload }) => levelsOf(payload) >= 0, input: any },
					() => void ran.push("looks"),
				);
			}
			return { states: { board: Board } };
		},
	});
	const events = () => heard.filter(({ is }) => is.startsWith("event_handler"));
	return { ...fixture, events, ran };
}

/** As a check, or a schema, may be written: it calls itself for each level. */
function levelsOf(value: unknown): number {
	if (typeof value !== "object" || value === null) return 0;
	return 1 + Math.max(0, ...Object.values(value).map(levelsOf));
}

/**
 * The event with a payload that is given as text: writing it as JSON would run out of stack here,
 * too.
 */
async function sendText(tab: StateTab, event: string, payload: string) {
	const body = JSON.stringify(tab.request(event, "PAYLOAD")).replace('"PAYLOAD"', () => payload);
	const response = await tab.post("event", body);
	return { status: response.status, code: ((await response.json()) as { code: string }).code };
}

test.each(Object.entries(DEEP))(
	"an anonymous event that is refused leaves a record whatever it was sent with: %s",
	async (_, deep) => {
		const { origin, events, ran } = await startDeep();
		const tab = new StateTab(origin);
		await tab.hydrate();
		expect(await sendText(tab, "board.write", deep)).toEqual({
			status: 401,
			code: "login_required",
		});
		expect(events()).toMatchObject([
			{ is: "event_handler redirected_to_login", handler: "board.write", reason: "login_required" },
		]);
		// The hook can write what it was given.
		expect(JSON.stringify(events()).length).toBeLessThan(2000);
		expect(JSON.stringify(events())).toContain("[nested too deep]");
		expect(ran).toEqual([]);
	},
);

test("an event of somebody signed in leaves its record as well: denied, granted, or by a check that looks at it", async () => {
	const { origin, signIn, events, ran, log } = await startDeep();
	const browser = new ScriptedBrowser();
	await signIn(browser);
	const tab = new StateTab(origin, browser);
	await tab.hydrate();
	for (const deep of Object.values(DEEP)) {
		expect((await sendText(tab, "board.never", deep)).status).toBe(403);
		expect((await sendText(tab, "board.looks", deep)).status).toBe(403);
		expect(await sendText(tab, "board.write", deep)).toEqual({
			status: 422,
			code: "input_invalid",
		});
	}
	expect(events().map(({ is, reason }) => `${is} ${reason}`)).toEqual(
		Object.keys(DEEP).flatMap(() => [
			"event_handler denied_toast check_denied",
			"event_handler denied_toast check_threw",
			"event_handler failure input_invalid",
		]),
	);
	expect(ran).toEqual([]);
	expect(log.filter(({ code }) => code === "internal_error")).toEqual([]);
});

test("an open event is never handed input that its handler could not walk through", async () => {
	const { origin, ran } = await startDeep();
	const tab = new StateTab(origin);
	await tab.hydrate();
	for (const deep of Object.values(DEEP))
		expect(await sendText(tab, "board.open", deep)).toEqual({ status: 422, code: "input_invalid" });
	const allowed = `${"[".repeat(100)}${"]".repeat(100)}`;
	expect(await sendText(tab, "board.open", `[${allowed}]`)).toEqual({
		status: 422,
		code: "input_invalid",
	});
	expect((await tab.send("board.open", JSON.parse(allowed))).status).toBe(200);
	expect(ran).toHaveLength(1);
});

test.each(["hydrate", "event", "stream", "refresh", "claim"])(
	"%s answers a body of nothing but levels with a refusal",
	async (endpoint) => {
		const { origin, log } = await startDeep();
		const tab = new StateTab(origin);
		for (const body of Object.values(DEEP)) {
			const { status } = await tab.post(endpoint, body);
			expect(status === 200 || (status >= 400 && status < 500), `${endpoint}: ${status}`).toBe(
				true,
			);
		}
		expect(log.filter(({ level }) => level === "error")).toEqual([]);
	},
);

test("members of a provider's answers that are nested without end are left out, and the login goes on", async () => {
	const { signIn, log } = await startGate({
		auth: {
			platform: {
				fetch: async (input: string | URL | Request, init?: RequestInit) => {
					const response = await fetch(input, init);
					const { pathname } = new URL(input instanceof Request ? input.url : input);
					if (!/token$|userinfo$|\/me$/.test(pathname) || !response.ok) return response;
					const text = (await response.text()).replace(/\}\s*$/, `,"deep_member":${DEEP.lists}}`);
					return new Response(text, {
						status: 200,
						headers: { "content-type": "application/json" },
					});
				},
			},
		},
		app: (_, user) =>
			new Response(`${MARKER} ${user?.sub} ${"deep_member" in (user?.claims ?? {})}`),
	});
	expect((await signIn()).body).toBe(`${MARKER} ada false`);
	expect(log.filter(({ level }) => level === "error")).toEqual([]);
});
