import fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { FUZZ_TIMEOUT, fuzz } from "./fuzz.ts";
import { FuzzedGate, IDP } from "./fuzzed-gate.ts";
import type { Allowed } from "./invariants.ts";
import {
	changeJson,
	changeTexts,
	type JsonChange,
	jsonChanges,
	type TextChange,
	textChanges,
} from "./mutations.ts";

let gate: FuzzedGate;

beforeAll(async () => {
	gate = await FuzzedGate.start();
});

/** How an answer of the provider is changed. */
interface Change {
	readonly json?: readonly JsonChange[];
	readonly text?: readonly TextChange[];
	readonly status?: number;
	readonly type?: string | undefined;
}

function changes(others: readonly unknown[]): fc.Arbitrary<Change> {
	const head = {
		status: fc.constantFrom(
			200,
			200,
			200,
			200,
			200,
			200,
			201,
			204,
			301,
			302,
			400,
			401,
			403,
			404,
			429,
			500,
			503,
		),
		type: fc.constantFrom(
			"application/json",
			"application/json",
			"text/html",
			"",
			"application/jwt",
		),
	};
	return fc.oneof(
		{ arbitrary: fc.record({ json: jsonChanges(others) }), weight: 4 },
		{ arbitrary: fc.record({ text: textChanges }), weight: 1 },
		{ arbitrary: fc.record({ json: jsonChanges(others), ...head }), weight: 1 },
		{ arbitrary: fc.record(head), weight: 1 },
	);
}

async function change(
	response: Response,
	{ json, text, status = 200, type }: Change,
): Promise<Response> {
	const good = await response.text();
	const changed = json ? JSON.stringify(changeJson(JSON.parse(good), json)) : good;
	const body = text ? changeTexts(changed, text) : changed;
	const hasBody = status !== 204;
	const headers = { "content-type": type ?? "application/json", location: "https://evil.example/" };
	return new Response(hasBody ? body.toWellFormed() : null, { status, headers });
}

/** Keeps what came of a change, for the one who looks at what may follow. */
function answerWith(
	path: string,
	how: Change,
): { readonly said: () => { status: number; body: unknown } } {
	let said: { status: number; body: unknown } = { status: 0, body: undefined };
	gate.answers.set(path, async (response) => {
		const changed = await change(response, how);
		const text = await changed.clone().text();
		said = { status: changed.status, body: parse(text) };
		return changed;
	});
	return { said: () => said };
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

const NAVIGATION = { accept: "text/html", "sec-fetch-mode": "navigate", "sec-fetch-site": "none" };

type Members = Record<string, unknown>;

/**
 * Begins a login at a gate, comes back from the provider, and says whether somebody is signed in
 * then.
 */
async function loginAt(fresh: FuzzedGate, allowed: () => Allowed = () => ({})): Promise<boolean> {
	try {
		const start = await fresh.ask(
			{ target: "/login/generic", headers: NAVIGATION },
			{ ...allowed(), badProvider: true },
		);
		const href = start.headers.get("location");
		if (start.status !== 302 || href === null) return false;
		const cookie = start.setCookies.map((line) => line.split(";", 1)[0]).join("; ");
		// Wherever the login was sent: the provider would have answered like this.
		const answered = await gate.idp.fetch(`${IDP}/authorize${new URL(href).search}`, {
			redirect: "manual",
		});
		const target = answered.headers.get("location");
		if (target === null) return false;
		// Signing in is looked at by the caller, who knows by then what the provider has said.
		const headers = { ...NAVIGATION, cookie };
		const seen = await fresh.ask(
			{ target, headers },
			{ ...allowed(), badProvider: true, signsIn: true },
		);
		return seen.setCookies.some((line) => /-(at|on)=/.test(line));
	} finally {
		gate.answers.clear();
	}
}

it(
	"believes no metadata that are not the issuer's, and calls nothing else with them",
	async () => {
		const others = [
			IDP,
			`${IDP}/`,
			"https://evil.example/authorize",
			"http://idp.example/token",
			"http://169.254.169.254/",
			"https://127.0.0.1/",
			"https://10.0.0.1/authorize",
			"S256",
			"plain",
		];
		await fuzz("discovery", gate.meter, changes(others), async (how) => {
			const answer = answerWith("/.well-known/openid-configuration", how);
			const fresh = gate.fresh();
			await fresh.gate.ready();
			const probe = await change(
				await gate.idp.fetch(`${IDP}/.well-known/openid-configuration`),
				how,
			);
			const said = (parse(await probe.text()) ?? {}) as Members;
			const authorize =
				typeof said.authorization_endpoint === "string"
					? withoutQuery(said.authorization_endpoint)
					: undefined;
			const signsIn = await loginAt(fresh, () => (authorize === undefined ? {} : { authorize }));
			if (!signsIn) return;
			const { status, body } = answer.said();
			expect([status, (body as Members).issuer]).toEqual([200, IDP]);
			expect(authorize).toMatch(/^https:/i);
			expect(authorize).not.toMatch(/169\.254|127\.0\.0\.1|\/\/10\./);
		});
	},
	FUZZ_TIMEOUT,
);

function withoutQuery(href: string): string | undefined {
	if (!URL.canParse(href)) return undefined;
	const { origin, pathname } = new URL(href);
	return origin + pathname;
}

it(
	"verifies with no key that is not in the key set",
	async () => {
		const good = (await (await gate.idp.fetch(`${IDP}/jwks`)).json()) as { keys: Members[] };
		const [key = {}] = good.keys;
		const others = [
			"enc",
			"sig",
			"RSA",
			"EC",
			"oct",
			"OKP",
			"P-256",
			"P-384",
			"ES256",
			"HS256",
			"none",
			["verify"],
			["encrypt"],
			key,
		];
		await fuzz("key sets", gate.meter, changes(others), async (how) => {
			const answer = answerWith("/jwks", how);
			const fresh = gate.fresh();
			await fresh.gate.ready();
			if (!(await loginAt(fresh))) return;
			const { keys } = answer.said().body as { keys: Members[] };
			// As bytes: Node skips what is no base64url, so that a key in quotes is the same key.
			const bytes = (text: unknown) => Buffer.from(String(text), "base64url").toString("hex");
			const same = keys.filter(
				(one) => bytes(one?.x) === bytes(key.x) && bytes(one?.y) === bytes(key.y),
			);
			expect(same.length).toBeGreaterThan(0);
		});
	},
	FUZZ_TIMEOUT,
);

it(
	"signs in by no answer of the token endpoint but a good one",
	async () => {
		const others = [
			"Bearer",
			"bearer",
			"mac",
			"openid",
			3600,
			"3600",
			"invalid_grant",
			{ error: "invalid_grant" },
		];
		await fuzz("token answers", gate.meter, changes(others), async (how) => {
			const answer = answerWith("/token", how);
			if (!(await loginAt(gate))) return;
			const { status, body } = answer.said();
			const { access_token, token_type, id_token, error } = body as Members;
			expect([status, typeof access_token, String(token_type).toLowerCase(), error]).toEqual([
				200,
				"string",
				"bearer",
				undefined,
			]);
			expect(String(id_token).split(".").length).toBe(3);
		});
	},
	FUZZ_TIMEOUT,
);

it(
	"signs in nobody else than the ID token says, whatever userinfo says",
	async () => {
		const others = ["ada", "bob", "admins", gate.idp.person.sub];
		await fuzz("userinfo answers", gate.meter, changes(others), async (how) => {
			const answer = answerWith("/userinfo", how);
			if (!(await loginAt(gate))) return;
			const { status, body } = answer.said();
			expect([status, (body as Members).sub]).toEqual([200, "ada"]);
		});
	},
	FUZZ_TIMEOUT,
);

it("starts from answers that are good", async () => {
	expect(await loginAt(gate.fresh())).toBe(true);
});
