import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ListedSurface } from "./surfaces-list.ts";
import {
	compareManifests,
	type Manifest,
	manifestOf,
	parseManifest,
	renderManifest,
	type SurfaceKey,
} from "./surfaces-manifest.ts";

const isAdmin = {
	rule: "check",
	check: "isAdmin",
	checkAt: { file: "server/authz.ts", line: 3 },
} as const;
const app: readonly ListedSurface[] = [
	{
		kind: "field",
		name: "notes.draft",
		rule: "signed-in",
		isDefault: true,
		at: { file: "server/notes.ts", line: 4 },
	},
	{ kind: "route", name: "GET /healthz", rule: "public", isDefault: false },
	{ kind: "page", name: "/admin/*", isDefault: false, ...isAdmin },
	{ kind: "page", name: "/", rule: "public", isDefault: false },
	{ kind: "event", name: "notes.clear", isDefault: false, ...isAdmin },
];
const file = `{
	"pages": {
		"/": "public",
		"/admin/*": "check isAdmin in server/authz.ts"
	},
	"routes": {
		"GET /healthz": "public"
	},
	"events": {
		"notes.clear": "check isAdmin in server/authz.ts"
	},
	"fields": {
		"notes.draft": "signed-in"
	}
}
`;

describe("the file", () => {
	it("is sorted, has a surface a line and no line numbers", () => {
		expect(renderManifest(manifestOf(app))).toBe(file);
		expect(renderManifest(manifestOf(app.toReversed()))).toBe(file);
		const moved = app.map((surface) => ({
			...surface,
			at: { file: "server/notes.ts", line: 400 },
		}));
		expect(renderManifest(manifestOf(moved))).toBe(file);
	});

	it("has both rules where two apps have a route of one name", () => {
		const twice: readonly ListedSurface[] = [
			...app,
			{ kind: "route", name: "GET /healthz", rule: "signed-in", isDefault: true },
			{ kind: "page", name: "/", rule: "public", isDefault: false },
		];
		const manifest = manifestOf(twice);
		expect(manifest.get("route GET /healthz")).toBe("public; signed-in");
		expect(manifest.get("page /")).toBe("public");
	});

	it("is read as it was written, whatever things are called and however it is indented", () => {
		const kinds = ["page", "asset", "route", "event", "field", "computed"] as const;
		const key = fc.tuple(
			fc.constantFrom(...kinds),
			fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor", "/")),
		);
		const entries = fc.array(fc.tuple(key, fc.string()));
		fc.assert(
			fc.property(entries, (list) => {
				const manifest: Manifest = new Map(
					list
						// An array index would come before the others, whatever the order; no surface begins
						// with a digit.
						.filter(([[, name]]) => !/^\d/.test(name))
						.map(([[kind, name], text]) => [`${kind} ${name}` satisfies SurfaceKey, text] as const),
				);
				const text = renderManifest(manifest);
				expect(new Map([...parseManifest(text)].sort())).toEqual(new Map([...manifest].sort()));
				expect(renderManifest(parseManifest(text))).toBe(text);
				expect(renderManifest(parseManifest(JSON.stringify(JSON.parse(text))))).toBe(text);
			}),
		);
	});

	it.each([
		["no JSON", "{"],
		["a list", "[]"],
		["nothing", "null"],
		["a group that is unknown", '{ "doors": {} }'],
		["a group that is no object", '{ "pages": [] }'],
		["a rule that is no text", '{ "pages": { "/": false } }'],
		["a surface twice", '{ "pages": { "/": "signed-in", "/": "public" } }'],
		["a surface twice, once in disguise", '{ "pages": { "/": "signed-in", "\\u002f": "public" } }'],
		["a group twice", '{ "pages": { "/": "signed-in" }, "pages": { "/x": "public" } }'],
		["surfaces out of order", '{ "pages": { "/b": "public", "/a": "public" } }'],
	])("is refused with %s", (_, text) => {
		expect(() => parseManifest(text)).toThrow(SyntaxError);
	});
});

describe("the differences", () => {
	const reviewed = manifestOf(app);
	const differencesWith = (changes: Record<SurfaceKey, string | undefined>) => {
		const actual = new Map(reviewed);
		for (const [key, text] of Object.entries(changes) as [SurfaceKey, string | undefined][])
			text === undefined ? actual.delete(key) : actual.set(key, text);
		return compareManifests(reviewed, actual).map(({ kind, surface }) => `${kind}: ${surface}`);
	};

	it("are none where nothing has changed", () => {
		expect(compareManifests(reviewed, manifestOf(app))).toEqual([]);
	});

	it.each<[string, Record<SurfaceKey, string | undefined>, string]>([
		["a check that became public", { "event notes.clear": "public" }, "public: event notes.clear"],
		["a login that became public", { "field notes.draft": "public" }, "public: field notes.draft"],
		["a new public route", { "route GET /debug": "public" }, "public: route GET /debug"],
		[
			"a route of two rules",
			{ "route GET /debug": "public; signed-in" },
			"public: route GET /debug",
		],
		["a check that is gone", { "page /admin/*": "signed-in" }, "wider: page /admin/*"],
		[
			"another check",
			{ "page /admin/*": "check isStaff in server/authz.ts" },
			"changed: page /admin/*",
		],
		[
			"a check in another file",
			{ "page /admin/*": "check isAdmin in server/lax.ts" },
			"changed: page /admin/*",
		],
		["a public page that is shut", { "page /": "signed-in" }, "changed: page /"],
		["a new event", { "event notes.add": "signed-in" }, "new: event notes.add"],
		["a page that is gone", { "page /admin/*": undefined }, "gone: page /admin/*"],
	])("name %s", (_, changes, difference) => {
		expect(differencesWith(changes)).toEqual([difference]);
	});

	it("have the gravest first, with what was and what is", () => {
		const changes = {
			"page /": undefined,
			"event a.new": "signed-in",
			"page /admin/*": "signed-in",
			"field notes.draft": "public",
		};
		expect(differencesWith(changes as Record<SurfaceKey, string | undefined>)).toEqual([
			"public: field notes.draft",
			"wider: page /admin/*",
			"new: event a.new",
			"gone: page /",
		]);
		const actual: Manifest = new Map([["page /admin/*", "public"]]);
		expect(compareManifests(reviewed, actual)[0]).toEqual({
			kind: "public",
			surface: "page /admin/*",
			before: "check isAdmin in server/authz.ts",
			after: "public",
		});
	});
});
