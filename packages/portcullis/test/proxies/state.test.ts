import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { FakeBrowser } from "../../src/client/browser.fixture.ts";
import { createClientOn } from "../../src/client/client.ts";
import type { Client } from "../../src/client/client-types.ts";
import type { GateLike } from "../../src/wire/state-view.ts";
import { type Deployment, deploy, scriptHeaders } from "../support/deployment.ts";
import { proxyProgram } from "../support/proxies.ts";
import { type RedisServer, startRedisServer } from "../support/redis-server.ts";
import type { ScriptedBrowser } from "../support/scripted-browser.ts";
import { StateTab } from "../support/state-tab.ts";

// Server state of two processes on one Redis, through nginx: streams that are not held back, and
// tabs that go on when a process is restarted.

interface Gate extends GateLike {
	readonly statesType: {
		readonly board: {
			readonly log: { readonly value: readonly string[] };
			readonly toldAt: { readonly value: number };
			add(text: string): Promise<unknown>;
		};
	};
}

describe.skipIf(proxyProgram("nginx") === undefined)(
	"server state of two processes behind nginx",
	() => {
		let app: Deployment;
		let redis: RedisServer;
		const clients: { close(): void }[] = [];

		beforeAll(async () => {
			redis = await startRedisServer();
			app = await deploy({ proxy: "nginx", env: { REDIS_URL: redis.url } });
		}, 30_000);
		afterAll(async () => {
			for (const client of clients) client.close();
			await redis.close();
		});

		it("comes line by line, as it happens: streams and the steps of an event are not held back", async () => {
			const tab = new StateTab(app.origin, await app.signIn());
			await tab.hydrate();
			const stream = await tab.stream();
			await vi.waitFor(() => expect(stream.lines[0]).toEqual({ type: "open" }), 5000);
			expect((await tab.send("board.add", "one")).outcome).toMatchObject({ status: "ok" });

			const response = await tab.post("event", tab.request("board.steps", "two"));
			const reader = (response.body as ReadableStream<Uint8Array>).getReader();
			const first = new TextDecoder().decode((await reader.read()).value);
			expect(first).toContain("two 1");
			expect(first).not.toContain("two 2");
			let rest = "";
			for (;;) {
				const { done, value } = await reader.read();
				if (done) break;
				rest += new TextDecoder().decode(value);
			}
			expect(rest).toContain("two 2");
			stream.close();
		});

		it("is one and the same in both processes", async () => {
			const tab = new StateTab(app.origin, await app.signIn());
			await tab.hydrate();
			const replicas = new Set<unknown>();
			for (let i = 1; i <= 6; i++) {
				const { value } = await tab.send("board.add", `note ${i}`);
				expect(value).toMatchObject({ length: i });
				replicas.add((value as { replica: string }).replica);
			}
			expect(replicas.size).toBe(2);
		});

		it("outlives its processes: a tab goes on while one after the other is restarted (R129)", async () => {
			const person = await app.signIn();
			const browser = new FakeBrowser((path, init) => fetchAs(person, path, init));
			const client: Client<Gate> = createClientOn<Gate>(browser.tab().platform, {});
			clients.push(client);
			client.subscribe("board", () => {});
			await client.ready("board");
			const board = () =>
				client.state("board") as unknown as {
					readonly log: readonly string[];
					readonly toldAt: number;
					add(text: string): Promise<{ readonly ok: boolean }>;
				};
			const texts: string[] = [];
			const add = async (text: string) => {
				texts.push(text);
				expect(await board().add(text)).toMatchObject({ ok: true });
				expect(board().log).toEqual(texts);
			};
			await add("before");
			for (const [i, replica] of app.replicas.entries()) {
				const { code, milliseconds } = await replica.stop();
				expect([code, milliseconds < 10_000]).toEqual([0, true]);
				await add(`without ${i}`);
				await replica.start();
				await add(`again with ${i}`);
			}
			// What another tab says about shared data still arrives: there is a stream again.
			const another = new StateTab(app.origin, person);
			await another.hydrate();
			await vi.waitFor(() => expect(streams).toBeGreaterThan(1), 10_000);
			const { toldAt } = board();
			await another.send("board.tell");
			await vi.waitFor(() => expect(board().toldAt).toBeGreaterThan(toldAt), 5000);
			await add("after");
		}, 60_000);

		let streams = 0;

		function fetchAs(person: ScriptedBrowser, path: string, init: RequestInit): Promise<Response> {
			return fetch(app.origin + path, {
				...init,
				headers: { ...init.headers, ...scriptHeaders(person, app.origin) },
			}).then((response) => {
				if (path.endsWith("/stream") && response.ok) streams++;
				return response;
			});
		}
	},
);
