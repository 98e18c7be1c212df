import { type GateFixture, sessionCookies } from "./gate-fixture.ts";
import { ScriptedBrowser } from "./scripted-browser.ts";
import { StateTab } from "./state-tab.ts";

/** People of the tests about state. `owners` is the group that rules ask for. */
export const PEOPLE = {
	ada: { sub: "ada", name: "Ada Lovelace", email: "ada@example.com", groups: ["owners", "staff"] },
	vic: { sub: "vic", name: "Vic Viewer", email: "vic@example.com", groups: ["viewers"] },
	/** Her provider sends no groups at all. */
	una: { sub: "una", name: "Una Unknown", email: "una@example.com" },
} as const;

export type PersonName = keyof typeof PEOPLE;

/** Signs somebody in; whoever was signed in with this browser before is gone. */
export async function signInAs(
	fixture: GateFixture,
	person: PersonName,
	browser: ScriptedBrowser = new ScriptedBrowser(),
): Promise<ScriptedBrowser> {
	fixture.idp.person = PEOPLE[person];
	const page = await fixture.signIn(browser, { path: "/login" });
	if (sessionCookies(browser).length === 0)
		throw new Error(`${person} could not sign in: ${page.status} ${page.url}`);
	return browser;
}

/** A tab of somebody, with all values; `undefined` for an anonymous one. */
export async function tabOf(
	fixture: GateFixture,
	person: PersonName | undefined,
): Promise<StateTab> {
	const tab = new StateTab(fixture.origin, person && (await signInAs(fixture, person)));
	await tab.hydrate();
	return tab;
}

/** Signs out by the app's own script, and takes the answer's cookies. */
export async function signOut(tab: StateTab): Promise<void> {
	const response = await tab.post("../logout", {});
	if (!response.ok) throw new Error(`logout: ${response.status}`);
	tab.browser?.jar.clear();
}
