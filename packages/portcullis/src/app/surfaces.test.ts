import { describe, expect, it } from "vitest";
import { allOf, inGroup } from "../guard/combine.ts";
import { AuthUserState } from "../state/auth-user-state.ts";
import { portcullis } from "./portcullis.ts";

const platform = {
	env: { OIDC_ISSUER_URI: "https://id.example.com", OIDC_CLIENT_ID: "app" },
	log: () => {},
};
const auth = portcullis({ platform });
const { State, field, computed, event, serverOnly } = auth;
const isAdmin = auth.check("isAdmin", () => true);

class NotesState extends State {
	darkMode = field(false, { auth: false });
	draft = field("");
	cursor = serverOnly(0);
	count = computed(() => this.draft.value.length, {
		initial: 0,
		auth: allOf(isAdmin, inGroup("staff")),
	});
	toggle = event({ auth: false }, () => {});
	clear = event({ auth: isAdmin }, () => {});
	save = event(() => {});
}
class MoreState extends NotesState {
	extra = field(0, { auth: true });
}

describe("the surfaces of a gate", () => {
	it("are its pages, assets, and what its states declare and inherit, in a stable order", () => {
		const gate = auth.gate({
			states: { notes: NotesState, more: MoreState },
			pages: { "/b": { auth: false }, "/a": { auth: isAdmin } },
			assets: ["/assets/*"],
		});
		const listed = gate.surfaces().map(({ kind, name, rule, isDefault, check }) => {
			const said = check?.name ?? check?.made?.by;
			return [kind, name, rule, ...(said ? [said] : []), ...(isDefault ? ["default"] : [])].join(
				" ",
			);
		});
		const ofState = (state: string) => [
			`event ${state}.clear check isAdmin`,
			`event ${state}.save signed-in default`,
			`event ${state}.toggle public`,
		];
		expect(listed).toEqual([
			"asset /assets/* public",
			"computed more.count check allOf",
			"computed notes.count check allOf",
			...ofState("more"),
			...ofState("notes"),
			"field more.darkMode public",
			"field more.draft signed-in default",
			"field more.extra signed-in",
			"field notes.darkMode public",
			"field notes.draft signed-in default",
			"page (any other path) signed-in default",
			"page /a check isAdmin",
			"page /b public",
		]);
	});

	it("say where they are defined, a page where its gate is", () => {
		const gate = auth.gate({ states: { notes: NotesState }, pages: { "/": { auth: false } } });
		const surfaces = gate.surfaces();
		expect(surfaces.length).toBeGreaterThan(5);
		for (const { name, site } of surfaces)
			expect(site, name).toMatch(/surfaces\.test\.ts:\d+:\d+$/);
		const clear = surfaces.find(({ name }) => name === "notes.clear");
		expect(clear?.check).toMatchObject({
			name: "isAdmin",
			site: expect.stringContaining("surfaces.test.ts:"),
		});
	});

	it("follow the default rule", () => {
		for (const [auth, rule] of [
			[false, "public"],
			[isAdmin, "check"],
		] as const) {
			const gate = portcullis({ auth, platform }).gate({ states: { notes: NotesState } });
			const untagged = gate.surfaces().filter(({ isDefault }) => isDefault);
			expect(untagged.map(({ name }) => name)).toEqual([
				"notes.save",
				"notes.draft",
				"(any other path)",
			]);
			expect(new Set(untagged.map((surface) => surface.rule))).toEqual(new Set([rule]));
		}
	});

	it("are those of the library's own state too", () => {
		const names = auth
			.gate({ states: { user: AuthUserState } })
			.surfaces()
			.map(({ name, rule }) => `${name} ${rule}`);
		expect(names).toContain("user.email signed-in");
	});
});

it("a rule that is there and undefined is a mistake, not the default", () => {
	class Typo extends State {
		a = event({ auth: undefined } as never, () => {});
		b = field(0, { auth: undefined } as never);
		c = computed(() => 0, { auth: undefined, initial: 0 } as never);
	}
	const make = () =>
		auth.gate({ states: { typo: Typo }, pages: { "/": { auth: undefined } as never } });
	for (const name of ["Typo.a", "Typo.b", "Typo.c"])
		expect(make).toThrow(`states.typo (${name}): auth is neither true, false nor a function`);
	expect(make).toThrow('pages["/"].auth is neither true, false nor a function');
	expect(() => auth.check("isAdmin", undefined as never)).toThrow(TypeError);
});
