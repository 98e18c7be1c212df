import { describe, expect, test } from "vitest";
import { exchange } from "../support/scripted-browser.ts";
import { type Board, startBoard } from "../support/state-board.ts";
import { tabOf } from "../support/state-people.ts";
import type { StateTab } from "../support/state-tab.ts";

type Headers = Record<string, string | string[]>;

/** A request that the app's own script could send, for each endpoint. */
function requests(tab: StateTab): Record<string, unknown> {
	return {
		event: tab.request("board.write", "forged"),
		hydrate: { client: tab.client },
		stream: { clients: [{ client: tab.client, rev: 0 }] },
	};
}

/** With `undefined` a header is left out. */
function send(
	tab: StateTab,
	endpoint: string,
	change: Record<string, string | string[] | undefined>,
	method = "POST",
) {
	const headers: Headers = {};
	for (const [name, value] of Object.entries(tab.headers())) headers[name.toLowerCase()] = value;
	for (const [name, value] of Object.entries(change)) {
		if (value === undefined) delete headers[name];
		else headers[name] = value;
	}
	// The others have no body by themselves: node:http sends none of them its length.
	const body = /^P|^QUERY/.test(method) ? JSON.stringify(requests(tab)[endpoint]) : undefined;
	return exchange(
		`${tab.origin}/_portcullis/${endpoint}`,
		method,
		headers,
		body,
		undefined,
		() => true,
	);
}

async function signedIn(): Promise<{ board: Board; tab: StateTab }> {
	const board = await startBoard();
	const tab = await tabOf(board.fixture, "ada");
	await tab.send("board.write", "mine");
	board.done.length = 0;
	return { board, tab };
}

/** R67, R68, R70: what another site can make a browser send, with the person's cookies. */
describe("requests of other sites", () => {
	const own = (tab: StateTab) => tab.origin;
	const forged: Record<string, (tab: StateTab) => Record<string, string | string[] | undefined>> = {
		"without our header": () => ({ "portcullis-request": undefined }),
		"without an Origin": () => ({ origin: undefined }),
		"Origin: null": () => ({ origin: "null" }),
		"an empty Origin": () => ({ origin: "" }),
		"another Origin": () => ({ origin: "https://evil.example" }),
		"another port": (tab) => ({ origin: own(tab).replace(/\d+$/, "1") }),
		"another scheme": (tab) => ({ origin: own(tab).replace("http:", "https:") }),
		"a longer host": (tab) => ({ origin: `${own(tab)}.evil.example` }),
		"our Origin with a path": (tab) => ({ origin: `${own(tab)}/` }),
		"our Origin in upper case": (tab) => ({ origin: own(tab).toUpperCase() }),
		"a user in the Origin": (tab) => ({ origin: own(tab).replace("//", "//a@") }),
		"two Origins in one": (tab) => ({ origin: `https://evil.example, ${own(tab)}` }),
		"neither, but Sec-Fetch-Site: same-origin": () => ({
			origin: undefined,
			"portcullis-request": undefined,
			"sec-fetch-site": "same-origin",
		}),
		"Sec-Fetch-Site: same-origin and a foreign Origin": () => ({
			origin: "https://evil.example",
			"sec-fetch-site": "same-origin",
		}),
		"a sibling's, by Sec-Fetch-Site: same-site": () => ({
			origin: "http://a.localhost",
			"sec-fetch-site": "same-site",
		}),
		"Sec-Fetch-Site: none without our header": () => ({
			"portcullis-request": undefined,
			"sec-fetch-site": "none",
		}),
		"the header by another name": () => ({
			"portcullis-request": undefined,
			"x-requested-with": "XMLHttpRequest",
		}),
		"the header with an underscore": () => ({
			"portcullis-request": undefined,
			portcullis_request: "1",
		}),
		"a Referer of ours for an Origin": (tab) => ({ origin: undefined, referer: `${own(tab)}/` }),
	};
	for (const type of [
		"application/x-www-form-urlencoded",
		"multipart/form-data; boundary=x",
		"text/plain",
	])
		forged[`a form of type ${type}`] = () => ({
			"content-type": type,
			origin: "https://evil.example",
			"portcullis-request": undefined,
		});

	test.each(Object.entries(forged))("%s", async (_, change) => {
		const { board, tab } = await signedIn();
		for (const endpoint of ["event", "hydrate", "stream"]) {
			const answer = await send(tab, endpoint, change(tab));
			expect([endpoint, answer.status]).toEqual([endpoint, 403]);
			expect(JSON.parse(answer.body)).toMatchObject({ code: "csrf_failed" });
			expect(answer.body).not.toContain("mine");
			expect(answer.headers.get("access-control-allow-origin")).toBeNull();
		}
		expect(board.done).toEqual([]);
		expect((await tab.send("board.append", 1)).status).toBe(200);
	});

	test("types that need no preflight are refused even with our header; ours counts in any case", async () => {
		const { board, tab } = await signedIn();
		const simple = [
			"application/x-www-form-urlencoded",
			"multipart/form-data; boundary=x",
			"text/plain",
			"TEXT/PLAIN",
		];
		for (const type of [
			...simple,
			"text/plain; application/json",
			"application/jsonp",
			"",
			undefined,
		]) {
			for (const endpoint of ["event", "hydrate", "stream"]) {
				const answer = await send(tab, endpoint, { "content-type": type });
				expect([type, endpoint, answer.status]).toEqual([type, endpoint, 415]);
			}
		}
		expect(board.done).toEqual([]);
		for (const type of ["Application/JSON", "APPLICATION/JSON ; charset=utf-8"])
			expect((await send(tab, "hydrate", { "content-type": type })).status).toBe(200);
	});

	test("a preflight of another site gets no permission", async () => {
		const { tab } = await signedIn();
		for (const endpoint of ["event", "hydrate", "stream"]) {
			const ask = {
				"access-control-request-method": "POST",
				"access-control-request-headers": "portcullis-request",
			};
			const answer = await send(
				tab,
				endpoint,
				{ ...ask, origin: "https://evil.example" },
				"OPTIONS",
			);
			expect(answer.status).toBe(405);
			expect(
				[...answer.headers.keys()].filter((name) => name.startsWith("access-control")),
			).toEqual([]);
		}
	});
});

/** R72: the dispatcher is the only way to a handler. */
describe("other ways to a handler", () => {
	test.each(["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"])(
		"%s is refused",
		async (method) => {
			const { board, tab } = await signedIn();
			for (const endpoint of ["event", "hydrate", "stream"]) {
				const answer = await send(
					tab,
					endpoint,
					{ "x-http-method-override": "POST", "x-method": "POST" },
					method,
				);
				expect([endpoint, answer.status, answer.headers.get("allow")]).toEqual([
					endpoint,
					405,
					"POST",
				]);
			}
			expect(board.done).toEqual([]);
		},
	);

	test("spellings of the endpoint lead to the same dispatcher or nowhere, never past it", async () => {
		const { board, tab } = await signedIn();
		const spellings = [
			...[
				"event/",
				"event//",
				"Event",
				"EVENT",
				"%65vent",
				"event%00",
				"event%20",
				"event;x=1",
				"event.json",
				"event%2f",
			],
			...[
				"./event",
				"x/../event",
				"%2e/event",
				"event?event=clear",
				"event/board/write",
				"event/board.write",
				"board/write",
			],
			...["batch", "events", "rpc", "call", "../_portcullis/event", "..%2f_portcullis%2fevent"],
		];
		const anonymous = { ...tab.headers(), Cookie: "" };
		const names = Object.fromEntries(
			Object.entries(anonymous).map(([name, value]) => [name.toLowerCase(), value]),
		);
		for (const spelling of spellings) {
			const target = `/_portcullis/${spelling}`;
			const body = JSON.stringify(tab.request("board.write", "by nobody"));
			const answer = await exchange(tab.origin, "POST", names, body, target);
			expect([spelling, answer.status >= 400 && answer.status < 500, board.done]).toEqual([
				spelling,
				true,
				[],
			]);
		}
		for (const target of [
			`//_portcullis/event`,
			`/%5fportcullis/event`,
			`/_PORTCULLIS/event`,
			`${tab.origin}/_portcullis/event`,
		]) {
			const body = JSON.stringify(tab.request("board.write", "by nobody"));
			await exchange(tab.origin, "POST", names, body, target).catch(() => {});
			expect([target, board.done]).toEqual([target, []]);
		}
	});

	test("bodies that hold several events run none", async () => {
		const { board, tab } = await signedIn();
		const event = tab.request("board.write", "batched");
		for (const body of [
			[event, event],
			{ events: [event] },
			{ batch: event },
			`${JSON.stringify(event)}\n${JSON.stringify(event)}`,
		]) {
			const answer = await tab.post("event", body);
			expect(answer.status).toBe(400);
		}
		expect(board.done).toEqual([]);
	});

	test("names that mean something to JavaScript are no events and no states", async () => {
		const { board, tab } = await signedIn();
		const names = [
			"__proto__",
			"constructor",
			"prototype",
			"toString",
			"hasOwnProperty",
			"get",
			"size",
			"then",
			"draft",
			"#fill",
		];
		for (const name of [
			...names,
			"WRITE",
			"Write",
			"write ",
			" write",
			"wrıte",
			"board.write",
			"write\u0000",
			"",
		]) {
			expect([
				name,
				(await tab.sendRequest({ ...tab.request("board.write", "x"), event: name })).status,
			]).toEqual([name, 404]);
			expect(
				(await tab.sendRequest({ ...tab.request("board.write", "x"), state: name })).problem?.code,
			).toBe("state_unknown");
		}
		expect(board.done).toEqual([]);
	});
});

/** R73: who somebody is stands in the cookies and nowhere else. */
test("a user named in headers, query or body is nobody", async () => {
	const { board, tab } = await signedIn();
	const claims = JSON.stringify({ sub: "ada", groups: ["owners"] });
	const named: Headers = {};
	for (const name of [
		"x-user",
		"x_user",
		"x-portcullis-user",
		"portcullis-user",
		"portcullis-session",
		"x-middleware-subrequest",
	])
		named[name] = claims;
	Object.assign(named, {
		authorization: `Bearer ${claims}`,
		"remote-user": "ada",
		"x-forwarded-user": "ada",
		cookie: "user=ada",
	});
	const nobody = {
		"content-type": "application/json",
		"portcullis-request": "1",
		origin: tab.origin,
		...named,
	};
	const own = {
		user: { sub: "ada", groups: ["owners"] },
		owner: "ada",
		userId: "ada",
		identity: claims,
		isAdmin: true,
	};
	const hydrated = await exchange(
		`${tab.origin}/_portcullis/hydrate?user=ada`,
		"POST",
		nobody,
		JSON.stringify(own),
	);
	const { client, session, withheld, values } = JSON.parse(hydrated.body);
	expect([session, values["board.mine"], values["board.plans"]]).toEqual([
		{ signedIn: false },
		[""],
		[""],
	]);
	expect(withheld).toEqual(expect.arrayContaining(["board.mine", "board.plans", "board.draft"]));
	const event = JSON.stringify({ ...tab.request("board.write", "named"), client, ...own });
	const answer = await exchange(`${tab.origin}/_portcullis/event`, "POST", nobody, event);
	expect([answer.status, board.done]).toEqual([401, []]);

	// Nor is a viewer an owner by saying so.
	const vic = await tabOf(board.fixture, "vic");
	const request = { ...vic.request("board.plan"), ...own, payload: own };
	const refused = await vic.post("event", request, {
		headers: vic.headers({ "x-user": claims, authorization: claims }),
	});
	expect(refused.status).toBe(403);
});

test("an event without a proper id or place is not understood, and nothing is run", async () => {
	const { board, tab } = await signedIn();
	for (const change of [
		{ id: "" },
		{ id: "x" },
		{ id: "../../etc/passwd" },
		{ id: "a".repeat(200) },
	])
		expect([change, (await tab.send("board.write", "forged", change)).status]).toEqual([
			change,
			400,
		]);
	for (const seq of [0, -1, 1.5, "1", null, 1e300])
		expect([seq, (await tab.send("board.write", "forged", { seq } as never)).status]).toEqual([
			seq,
			400,
		]);
	expect(board.done).toEqual([]);
});

/** A client belongs to the session that it was made for. */
describe("clients of other people", () => {
	test("take no events and tell nothing, whatever one calls them", async () => {
		const board = await startBoard();
		const ada = await tabOf(board.fixture, "ada");
		await ada.send("board.write", "only Ada knows");
		const [vic, nobody] = [
			await tabOf(board.fixture, "vic"),
			await tabOf(board.fixture, undefined),
		];
		board.done.length = 0;
		for (const stranger of [vic, nobody]) {
			for (const event of ["board.write", "board.toggle"]) {
				const sent = await stranger.send(event, "forged", { client: ada.client, seq: ada.seq + 1 });
				expect([event, sent.problem?.code, sent.text.includes("only Ada knows")]).toEqual([
					event,
					"client_stale",
					false,
				]);
			}
			const stream = await stranger.post("stream", { clients: [{ client: ada.client, rev: 0 }] });
			const reader = stream.body?.pipeThrough(new TextDecoderStream()).getReader();
			let told = "";
			// It may say in more than one piece that it is open and that the client is stale.
			while (reader && !told.includes("stale")) {
				const { done, value } = await reader.read();
				if (done) break;
				told += value;
			}
			await reader?.cancel();
			expect(told).not.toContain("only Ada knows");
			expect(told).toContain("stale");
		}
		expect(board.done).toEqual([]);
		expect((await ada.send("board.append", 1)).status).toBe(200);
	});

	test("get a new name when somebody else takes them over, and have nothing left", async () => {
		const board = await startBoard();
		const ada = await tabOf(board.fixture, "ada");
		await ada.send("board.write", "only Ada knows");
		const vic = await tabOf(board.fixture, "vic");
		const answer = await (await vic.post("hydrate", { client: ada.client })).text();
		expect(answer).not.toContain("only Ada knows");
		expect((JSON.parse(answer) as { client: string }).client).not.toBe(ada.client);
	});

	test("cannot be named by anybody who was not given the name", async () => {
		const board = await startBoard();
		const nobody = await tabOf(board.fixture, undefined);
		const names = [
			"",
			".",
			"x.",
			"AAAAAAAAAAAAAAAAAAAAAA.",
			`${nobody.client}A`,
			nobody.client.slice(0, -1),
			"a".repeat(4096),
		];
		for (const client of names) {
			const sent = await nobody.send("board.toggle", undefined, { client });
			expect([client, sent.status, sent.problem?.code]).toEqual([client, 409, "client_stale"]);
		}
	});
});

test("bodies that hold too much, or counts that are none, are not understood", async () => {
	const { board, tab } = await signedIn();
	const text = "a".repeat(4097);
	const many = Array(201).fill("board");
	for (const change of [
		{ client: text },
		{ state: text },
		{ event: text },
		{ states: many },
		{ epoch: -1 },
		{ epoch: "0" },
		{ rev: 1.5 },
		{ rev: null },
	])
		expect([change, (await tab.send("board.write", "forged", change as never)).status]).toEqual([
			change,
			400,
		]);
	for (const [endpoint, body] of [
		["hydrate", { client: text }],
		["hydrate", { path: text }],
		["hydrate", { states: many }],
		["stream", { clients: Array(201).fill({ client: tab.client, rev: 0 }) }],
		["stream", { clients: [{ client: tab.client, rev: -1 }] }],
		["stream", { clients: [{ client: text, rev: 0 }] }],
	] as const)
		expect([endpoint, (await tab.post(endpoint, body)).status]).toEqual([endpoint, 400]);
	expect(board.done).toEqual([]);
});
