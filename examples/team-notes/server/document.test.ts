import { expect, test } from "vitest";
import type { Viewer } from "../shared/types.ts";
import { documentHeaders, renderDocument, toScriptJson } from "./document.ts";
import type { FrontEnd } from "./front-end.ts";

const frontEnd: FrontEnd = {
	scripts: ["/web/main.js"],
	styles: "/web/styles.css",
	policy: {},
	files: (_, next) => next(),
	close: async () => {},
};
const viewer: Viewer = { name: "Ada", email: null, picture: null, groups: null, isAdmin: false };

test.each(["</script><script>alert(1)</script>", "<!--<script>", "</SCRIPT\n>", "\u2028 & \" ' `", "<\\/script>"])(
	"a name like %j stays data",
	async (name) => {
		const text = String(await renderDocument("Notes", { page: "notes", viewer: { ...viewer, name } }, frontEnd));
		const data = /<script type="application\/json" id="page-data">([^<]*)<\/script>/.exec(text)?.[1] ?? "";
		expect(JSON.parse(data).viewer.name).toBe(name);
		expect(text.match(/<script/gi)).toHaveLength(3);
	},
);

test("JSON in a script element has no <", () => {
	expect(toScriptJson({ a: ["<", "</script>"] })).toBe('{"a":["\\u003c","\\u003c/script>"]}');
});

test.each([
	["https://pictures.example/ada.png?size=1", "img-src 'self' https://pictures.example;"],
	["https://pictures.example; script-src *", "img-src 'self';"],
	["javascript:alert(1)", "img-src 'self';"],
	["data:image/svg+xml,x", "img-src 'self';"],
])("the picture %s opens the policy no further than %s", (picture, expected) => {
	const policy = documentHeaders({ ...viewer, picture }, frontEnd)["Content-Security-Policy"];
	expect(policy).toContain(expected);
	expect(policy?.match(/script-src/g)).toHaveLength(1);
});
