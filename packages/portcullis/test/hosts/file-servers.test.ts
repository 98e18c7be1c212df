import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { afterAll, beforeAll, expect, it } from "vitest";
import { protect as protectHono } from "../../src/hono.ts";
import type { Gate } from "../../src/index.ts";
import { protect } from "../../src/node.ts";
import { type Person, startGate } from "../support/gate-fixture.ts";
import { rawRequest } from "../support/raw-request.ts";
import { load } from "../support/routers.ts";
import { listen } from "../support/web-server.ts";

// File servers bring a file at more addresses than its own. A rule that names the file has to hold
// at all of them.

const SECRET = "what nobody may read";
const OPEN = "what everybody may read";

let root: string;

beforeAll(() => {
	root = mkdtempSync(join(tmpdir(), "portcullis-files-"));
	for (const folder of ["docs/team", "docs/news"])
		mkdirSync(join(root, folder), { recursive: true });
	for (const file of ["docs/plan.html", "docs/list.json", "docs/team/index.html"])
		writeFileSync(join(root, file), SECRET);
	for (const file of ["docs/about.html", "docs/news/index.html"])
		writeFileSync(join(root, file), OPEN);
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

const SERVERS: Readonly<
	Record<string, (gate: Gate<Person>) => Promise<RequestListener> | RequestListener>
> = {
	"express.static": async (gate) => {
		const express = (await load("express")).default;
		const files = express.static(root, { extensions: ["html", "json"] });
		return protect(express().use(files), gate);
	},
	"serveStatic of Hono": (gate) => {
		const rewriteRequestPath = (path: string) => (/\.\w+$|\/$/.test(path) ? path : `${path}.html`);
		const app = protectHono(new Hono(), gate);
		app.use("*", serveStatic({ root }), serveStatic({ root, rewriteRequestPath }));
		return getRequestListener(app.fetch);
	},
};

it.each(Object.entries(SERVERS))(
	"%s brings a shut file at no address, and open ones at all of theirs",
	async (_, make) => {
		const { origin } = await startGate({
			gate: {
				pages: {
					"/docs/*": { auth: false },
					"/docs/plan.html": { auth: true },
					"/docs/list.json": { auth: true },
					"/docs/team/index.html": { auth: true },
				},
			},
			serve: async (gate) => listen(await make(gate)),
		});
		const bodies = async (...targets: string[]) =>
			Promise.all(targets.map(async (target) => (await rawRequest(origin, target)).body));
		const shut = [
			"plan.html",
			"plan",
			"plan?x",
			"PLAN",
			"pl%61n",
			"list",
			"list.json",
			"team",
			"team/",
			"team/index",
		];
		for (const body of await bodies(...shut.map((name) => `/docs/${name}`)))
			expect(body).not.toContain(SECRET);
		for (const body of await bodies("/docs/about", "/docs/about.html", "/docs/news/"))
			expect(body).toBe(OPEN);
	},
);
