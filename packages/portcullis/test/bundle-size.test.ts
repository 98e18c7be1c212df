import type { OutputChunk } from "rolldown";
import { expect, test } from "vitest";
import { bundle, loadedFirst, sizeOf } from "./support/browser-bundle.ts";

// What a browser loads, bundled and minified as an app does it. React is the app's own. What keeps
// values live is loaded after the first paint: the first figure is what an app has to load before
// it, the second all of it. What signs in inside another site's frame is loaded there alone, and
// has a figure of its own; so has what keeps drafts, which is loaded with a session that cannot be
// renewed, and what tells the person of events that failed, which is loaded with the first event.

test.each([
	["client", 6240, 8910],
	["react", 7848, 10_530],
])(
	"portcullis/%s is under %i bytes, gzip, and %i with what it loads later",
	async (entry, first, all) => {
		const chunks = await bundle(entry);
		expect(sizeOf(loadedFirst(chunks))).toBeLessThan(first);
		const [framed, drafts] = [chunks.filter(isFramed), chunks.filter(isDrafts)];
		const notices = chunks.filter(isNotices);
		const rest = chunks.filter(
			(chunk) => !isFramed(chunk) && !isDrafts(chunk) && !isNotices(chunk),
		);
		expect(sizeOf(rest)).toBeLessThan(all);
		expect(sizeOf(framed)).toBeLessThan(1540);
		expect(framed).toHaveLength(1);
		expect(sizeOf(drafts)).toBeLessThan(1650);
		expect(drafts).toHaveLength(1);
		expect(sizeOf(notices)).toBeLessThan(1700);
		expect(notices).toHaveLength(1);
	},
);

test.each(["client", "react"])(
	"portcullis/%s has nothing of the server, and no package",
	async (entry) => {
		const chunks = await bundle(entry);
		const modules = chunks.flatMap(({ moduleIds }) => moduleIds);
		expect(modules.filter((id) => id.includes("node_modules"))).toEqual([]);
		expect(modules.filter((id) => /\/src\/(?!base|wire|client|react)[a-z]+\//.test(id))).toEqual(
			[],
		);
		const code = chunks.map((chunk) => chunk.code).join("\n");
		for (const word of ["node:", "jose", "oauth4webapi", "sealed", "process.env"])
			expect(code).not.toContain(word);
		// Not vacuous: what it does is there.
		expect(code).toContain("portcullis-request");
		expect(
			chunks.flatMap(({ imports }) => imports).filter((name) => !/^(react|[\w-]+\.js)$/.test(name)),
		).toEqual([]);
	},
);

/** Loaded with a session that cannot be renewed. */
function isDrafts({ moduleIds }: OutputChunk): boolean {
	return moduleIds.some((id) => id.endsWith("/client/drafts.ts"));
}

/** Loaded with the first event, or where a text of another language than English is shown. */
function isNotices({ moduleIds }: OutputChunk): boolean {
	return moduleIds.some((id) => id.endsWith("/client/notices.ts"));
}

/** Loaded at a login or logout in a frame. */
function isFramed({ moduleIds }: OutputChunk): boolean {
	return moduleIds.some((id) => id.endsWith("/client/framed.ts"));
}
