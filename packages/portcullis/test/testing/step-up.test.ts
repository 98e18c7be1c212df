import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { stepUp } from "../../src/checks.ts";
import { type Gate, portcullis } from "../../src/index.ts";
import { type DevIdp, startDevIdp } from "../../src/testing.ts";
import { SECRET } from "../support/gate-fixture.ts";
import { type Answer, ScriptedBrowser } from "../support/scripted-browser.ts";
import { listenFetch } from "../support/web-server.ts";

let idp: DevIdp;
let origin: string;
let browser: ScriptedBrowser;
const clock = { ahead: 0 };
beforeAll(async () => {
	// On another host, so that for a browser it is another site.
	idp = await startDevIdp({ host: "127.0.0.1" });
	const now = () => Date.now() + clock.ahead * 1000;
	const auth = portcullis({
		secret: SECRET,
		platform: { clockTolerance: 60, env: idp.env, log: () => {}, now },
	});
	const gate: Gate = auth.gate({
		pages: {
			"/lately": { auth: stepUp({ maxAge: 20 }) },
			"/again": { auth: stepUp({ maxAge: 20, prompt: "login" }) },
			"/strong": { auth: stepUp({ acr: "urn:example:strong" }) },
		},
	});
	({ origin } = await listenFetch((request) =>
		gate.handle(request, (_, user) => new Response(`hello ${user?.sub}`)),
	));
});
afterAll(() => idp.close());
beforeEach(async () => {
	clock.ahead = 0;
	browser = new ScriptedBrowser();
	await browser.navigate(`${origin}/login?redirect_to=/home`);
	await choose(await browser.click("/login/generic?redirect_to=/home"), "ada");
});

/**
 * Clicks on somebody's card at the provider, and lets the pages of the gate move on by themselves.
 */
async function choose(people: Answer, person: string): Promise<Answer> {
	expect(people.url).toContain(idp.issuer);
	const action = /<form method="post" action="([^"]+)"/.exec(people.body)?.[1] ?? "";
	const page = await browser.navigate(new URL(action, people.url).href, {
		from: people.url,
		form: { person },
	});
	return moveOn(page);
}

const moveOn = (page: Answer) =>
	/action="\/callback[^"]*continue"/.test(page.body) ? browser.submit(page) : page;
const open = (path: string) => browser.navigate(origin + path, { from: `${origin}/` });

/**
 * Asks for a page when the last sign-in is long ago by the gate's clock; the provider has the real
 * one.
 */
async function openLate(path: string): Promise<Answer> {
	clock.ahead = 85;
	const page = await open(path);
	clock.ahead = 0;
	return page;
}

test("a provider that says when somebody signed in only if it is asked: a way there and back, without a question", async () => {
	const page = await moveOn(await open("/lately"));
	expect([page.url, page.body]).toEqual([`${origin}/lately`, "hello ada"]);
	expect((await open("/lately")).url).toBe(`${origin}/lately`);
	expect(browser.trail).toHaveLength(1);
});

test("a sign-in of lately: the provider asks once more, though it knows the person, and the page comes", async () => {
	const page = await choose(await openLate("/again"), "ada");
	expect([page.url, page.body]).toEqual([`${origin}/again`, "hello ada"]);
});

test("somebody else who is chosen there is who is signed in from then on", async () => {
	const page = await choose(await openLate("/again"), "vic");
	expect([page.url, page.body]).toEqual([`${origin}/again`, "hello vic"]);
	expect((await open("/home")).body).toBe("hello vic");
});

test("nobody who is chosen there: the person is as before", async () => {
	const page = await choose(await openLate("/again"), "nobody");
	expect(page.status).toBe(403);
	expect((await open("/home")).body).toBe("hello ada");
});

test("a provider that knows of no stronger sign-in: forbidden, and the person is as before", async () => {
	const page = await open("/strong");
	const answer = page.url.startsWith(idp.issuer) ? await choose(page, "ada") : await moveOn(page);
	expect(answer.status).toBe(403);
	expect(browser.trail.length).toBeLessThan(20);
	expect((await open("/home")).body).toBe("hello ada");
});
