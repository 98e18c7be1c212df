import { expect, test } from "vitest";
import type { PageData } from "../shared/types.ts";
import { documentHeaders, pictureOriginOf, renderDocument } from "./document.ts";
import type { FrontEnd } from "./front-end.ts";

const frontEnd: FrontEnd = {
	scripts: ["/web/main.js"],
	styles: "/web/styles.css",
	policy: {},
	files: (_, next) => next(),
	close: async () => {},
};
/** What a server that knows a person by this name puts into the page. */
function pageOf(name: string): PageData {
	const user = { sub: "1", name, email: null, picture: null, provider: "generic" };
	const session = { signedIn: true, user, expiresAt: 1 } as const;
	return {
		page: "notes",
		pictureOrigin: null,
		snapshot: { client: "c", epoch: 0, events: {}, session, rev: 1, full: true, values: {} },
	};
}

test.each([
	"</script><script>alert(1)</script>",
	"<!--<script>",
	"</SCRIPT\n>",
	"\u2028 & \" ' `",
	"<\\/script>",
])("a name like %j stays data", async (name) => {
	const text = String(await renderDocument(name, pageOf(name), frontEnd));
	const data = /<script type="application\/json"[^>]*>([^<]*)<\/script>/.exec(text)?.[1] ?? "";
	expect(JSON.parse(data).session.user.name).toBe(name);
	expect(text.match(/<script/gi)).toHaveLength(3);
});

test.each([
	["https://pictures.example/ada.png?size=1", "img-src 'self' https://pictures.example;"],
	["https://pictures.example; script-src *", "img-src 'self';"],
	["javascript:alert(1)", "img-src 'self';"],
	["data:image/svg+xml,x", "img-src 'self';"],
])("the picture %s opens the policy no further than %s", (picture, expected) => {
	const policy = documentHeaders(pictureOriginOf(picture), frontEnd)["Content-Security-Policy"];
	expect(policy).toContain(expected);
	expect(policy?.match(/script-src/g)).toHaveLength(1);
});
