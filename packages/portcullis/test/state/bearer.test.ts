import { unflatten } from "devalue";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { hasScope } from "../../src/checks.ts";
import type { AuditContext } from "../../src/index.ts";
import type { EventLine } from "../../src/wire/state.ts";
import { AUDIENCE, accessToken, callWith } from "../support/access-token.ts";
import { allCookies, type GateFixture, startGate } from "../support/gate-fixture.ts";
import { ScriptedBrowser } from "../support/scripted-browser.ts";

let fixture: GateFixture;
const heard: [string, string, AuditContext][] = [];
const done: string[] = [];

beforeAll(async () => {
	fixture = await startGate({
		auth: {
			platform: { audit: (...record) => heard.push(record) },
			http: { bearer: { audience: AUDIENCE } },
		},
		gate: ({ State, field, computed, event }) => {
			class Reports extends State {
				count = field(0);
				title = computed(() => "figures", { auth: hasScope("reports:read"), initial: "" });
				mine = computed(({ user }) => user.sub, { initial: "" });
				file = event(
					{ input: z.string(), auth: hasScope("reports:write") },
					({ input: name, user }) => {
						this.count.value++;
						done.push(`${name} by ${user?.sub}`);
						return { name, count: this.count.value };
					},
				);
				open = event({ auth: false }, ({ user }) => user?.sub ?? "nobody");
				slowly = event(async function* (this: Reports) {
					this.count.value = 1;
					yield;
					this.count.value = 2;
				});
				beside = event({ background: true }, async ({ update }) => {
					await update(() => {
						this.count.value = 7;
					});
					return "done";
				});
			}
			return { states: { reports: Reports } };
		},
	});
});
beforeEach(() => {
	fixture.log.length = 0;
	heard.length = 0;
	done.length = 0;
});

const post = (
	name: string,
	body: unknown,
	token = accessToken(fixture),
	headers: Record<string, string> = {},
) =>
	callWith(token, `${fixture.origin}/_portcullis/${name}`, {
		method: "POST",
		body: JSON.stringify(body),
		headers: { "Content-Type": "application/json", ...headers },
	});

async function linesOf(answer: Response): Promise<EventLine[]> {
	const text = await answer.text();
	return text
		.split("\n")
		.filter((line) => line !== "")
		.map((line) => JSON.parse(line));
}

describe("events by access token", () => {
	test("run with no tab, no origin and no header of our script, on a client that nobody comes back to", async () => {
		for (const name of ["first", "second"]) {
			const answer = await post("event", { state: "reports", event: "file", payload: name });
			expect(answer.status).toBe(200);
			expect(answer.headers.getSetCookie()).toEqual([]);
			const lines = await linesOf(answer);
			expect(lines).toHaveLength(1);
			const [line] = lines;
			if (line?.type !== "outcome" || line.outcome.status !== "ok") throw new Error("no outcome");
			// The fields of one call are not those of the next.
			expect(unflatten(line.outcome.value as never)).toEqual({ name, count: 1 });
		}
		expect(done).toEqual(["first by reporter", "second by reporter"]);
		expect(
			heard.map(([action, outcome, { handler, session }]) => [action, outcome, handler, session]),
		).toEqual(done.map(() => ["event_handler", "allowed", "reports.file", undefined]));
	});

	test("give out values of the states that are asked for, by the rules", async () => {
		const token = accessToken(fixture, { claims: { scope: "reports:write" } });
		const answer = await post(
			"event",
			{ state: "reports", event: "file", payload: "a", states: ["reports"] },
			token,
		);
		const [delta] = await linesOf(answer);
		if (delta?.type !== "delta") throw new Error("no delta");
		expect(delta.delta.full).toBe(true);
		expect(delta.delta.withheld).toEqual(["reports.title"]);
		expect(unflatten(delta.delta.values["reports.mine"] as never)).toBe("reporter");
	});

	test("run by steps and in the background", async () => {
		const steps = await linesOf(
			await post("event", { state: "reports", event: "slowly", states: ["reports"] }),
		);
		expect(steps.map(({ type }) => type)).toEqual(["delta", "delta", "outcome"]);
		const background = await linesOf(
			await post("event", { state: "reports", event: "beside", states: ["reports"] }),
		);
		expect(background.at(-1)).toMatchObject({ type: "outcome", outcome: { status: "ok" } });
	});

	test("a rule that says no is 403 and wants more scope; nothing is run", async () => {
		const token = accessToken(fixture, { claims: { scope: "reports:read" } });
		const answer = await post("event", { state: "reports", event: "file", payload: "x" }, token);
		expect(answer.status).toBe(403);
		expect(answer.headers.get("www-authenticate")).toBe(
			'Bearer realm="app", error="insufficient_scope"',
		);
		expect(await answer.json()).toMatchObject({ code: "forbidden" });
		expect(done).toEqual([]);
	});

	test("an access token that is refused runs nothing, public or not", async () => {
		const token = accessToken(fixture, { claims: { aud: "another" } });
		for (const event of ["file", "open"]) {
			const answer = await post("event", { state: "reports", event, payload: "x" }, token);
			expect(answer.status).toBe(401);
			expect(answer.headers.get("www-authenticate")).toBe(
				'Bearer realm="app", error="invalid_token"',
			);
		}
		expect(done).toEqual([]);
		expect(heard.map(([action, outcome, { reason }]) => [action, outcome, reason])).toEqual([
			["event_handler", "failure", "tokens_invalid"],
			["event_handler", "failure", "tokens_invalid"],
		]);
	});

	test("what the schema refuses, what is not there and what is no JSON end as for a browser", async () => {
		expect((await post("event", { state: "reports", event: "file", payload: 7 })).status).toBe(422);
		expect((await post("event", { state: "reports", event: "constructor" })).status).toBe(404);
		expect((await post("event", { state: "nothing", event: "file" })).status).toBe(404);
		expect((await post("event", { event: "file" })).status).toBe(400);
		expect((await post("event", {}, undefined, { "Content-Type": "text/plain" })).status).toBe(415);
		const tooLarge = new Request(`${fixture.origin}/_portcullis/event`, {
			method: "POST",
			body: JSON.stringify({ state: "reports", event: "file", payload: "x".repeat(300_000) }),
			headers: {
				Authorization: `Bearer ${accessToken(fixture)}`,
				"Content-Type": "application/json",
			},
		});
		expect((await fixture.gate.handle(tooLarge, () => new Response())).status).toBe(413);
		expect(done).toEqual([]);
	});

	test("a session's cookies beside it: refused, and nothing is run in anybody's name", async () => {
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		const cookies = {
			Cookie: allCookies(browser),
			Origin: fixture.origin,
			"Portcullis-Request": "1",
		};
		for (const name of ["event", "hydrate", "stream", "refresh"]) {
			const answer = await post(
				name,
				{ state: "reports", event: "file", payload: "x" },
				undefined,
				cookies,
			);
			expect([name, answer.status]).toEqual([name, 400]);
			expect(await answer.json()).toMatchObject({ code: "credentials_contradictory" });
		}
		expect(done).toEqual([]);
	});

	test("a client that belongs to a person is of no use to a program", async () => {
		const browser = new ScriptedBrowser();
		await fixture.signIn(browser);
		const own = await fetch(`${fixture.origin}/_portcullis/hydrate`, {
			method: "POST",
			body: "{}",
			headers: {
				Cookie: allCookies(browser),
				"Content-Type": "application/json",
				Origin: fixture.origin,
				"Portcullis-Request": "1",
			},
		});
		const { client } = (await own.json()) as { client: string };
		expect(client).toEqual(expect.any(String));
		expect((await post("hydrate", { client })).status).toBe(400);
		// Ignored, as every member that is not listed.
		const answer = await post("event", {
			client,
			state: "reports",
			event: "file",
			payload: "x",
			states: ["reports"],
		});
		const [delta] = await linesOf(answer);
		if (delta?.type !== "delta") throw new Error("no delta");
		expect(unflatten(delta.delta.values["reports.mine"] as never)).toBe("reporter");
	});
});

describe("values by access token", () => {
	test("are those that the program may see, without a client", async () => {
		const answer = await post("hydrate", { states: ["reports"] });
		expect(answer.status).toBe(200);
		expect(answer.headers.getSetCookie()).toEqual([]);
		const body = (await answer.json()) as { values: Record<string, unknown> };
		expect(body).toEqual({
			rev: expect.any(Number),
			full: true,
			values: expect.any(Object),
			events: { reports: expect.any(Object) },
		});
		expect(unflatten(body.values["reports.title"] as never)).toBe("figures");
		const less = await post("hydrate", {}, accessToken(fixture, { claims: { scope: "openid" } }));
		expect(await less.json()).toMatchObject({ withheld: ["reports.title"] });
	});

	test("are nobody's without a good one", async () => {
		const answer = await post("hydrate", {}, accessToken(fixture, { header: { typ: "JWT" } }));
		expect(answer.status).toBe(401);
	});

	test("come by no stream: that is for tabs", async () => {
		const answer = await post("stream", { clients: [] });
		expect(answer.status).toBe(403);
		expect(await answer.json()).toMatchObject({ code: "csrf_failed" });
	});
});
