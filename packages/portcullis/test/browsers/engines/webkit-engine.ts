import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { Readable } from "node:stream";
import { expect, vi } from "vitest";
import { type Engine, executable, LOOK, type Sight, type View } from "./engine.ts";
import { WebDriverSession } from "./web-driver.ts";

/** WebKitGTK in its MiniBrowser, driven over WebDriver, on a screen of its own that nobody sees. */
export async function startWebKit(): Promise<Engine> {
	const screen = await startScreen();
	const port = await freePort();
	const driver = spawn(executable("PORTCULLIS_WEBKIT_DRIVER"), [`--port=${port}`], {
		stdio: "ignore",
		env: { ...process.env, DISPLAY: screen.display, GDK_BACKEND: "x11", NO_AT_BRIDGE: "1" },
	});
	const address = `http://127.0.0.1:${port}`;
	let session: WebDriverSession | undefined;
	const close = async () => {
		// What matters is that no process stays: a driver that has lost its page cannot end its session
		// any more.
		await session?.end().catch(() => undefined);
		await Promise.all([stop(driver), stop(screen.process)]);
	};
	try {
		await vi.waitFor(() => fetch(`${address}/status`), { timeout: 20_000, interval: 50 });
	} catch (error) {
		await close();
		throw error;
	}
	return {
		async newTab() {
			await session?.end().catch(() => undefined);
			session = undefined;
			const own = await WebDriverSession.start(address, {
				browserName: "MiniBrowser",
				acceptInsecureCerts: true,
				"webkitgtk:browserOptions": {
					binary: executable("PORTCULLIS_MINIBROWSER"),
					args: ["--automation"],
				},
			});
			session = own;
			const [main = ""] = await own.windows();
			const enterPopup = async () => {
				const other = (await own.windows()).find((handle) => handle !== main);
				if (other === undefined) throw new Error("There is no other window");
				await own.enterWindow(other);
			};
			/** A view of what `enter` leads to; whatever it was, the tab is what follows. */
			const viewOf = (enter: () => Promise<void>): View => {
				const within = async <T>(work: () => Promise<T>): Promise<T> => {
					try {
						await enter();
						return await work();
					} finally {
						await own.enterWindow(main);
					}
				};
				return {
					async click(xpath) {
						// The command itself does not wait for the element.
						await expect
							.poll(() => within(() => own.evaluate(isThere(xpath))).catch(() => false), {
								timeout: 10_000,
							})
							.toBe(true);
						await within(() => own.click(xpath));
					},
					look: async () => (await within(() => own.evaluate(LOOK))) as Sight,
				};
			};
			return {
				...viewOf(async () => undefined),
				frame: viewOf(() => own.enterFrame()),
				popup: viewOf(enterPopup),
				open: (url) => own.open(url),
				reload: () => own.reload(),
				back: () => own.back(),
			};
		},
		close,
	};
}

function isThere(xpath: string): string {
	return `return document.readyState === "complete" && document.evaluate(${JSON.stringify(xpath)}, document, null, 9).singleNodeValue !== null;`;
}

/** An X server on a display number of its own choice. */
async function startScreen(): Promise<{ process: ChildProcess; display: string }> {
	const arguments_ = ["-displayfd", "3", "-screen", "0", "1280x900x24", "-nolisten", "tcp"];
	const server = spawn(executable("PORTCULLIS_XVFB"), arguments_, {
		stdio: ["ignore", "ignore", "ignore", "pipe"],
	});
	const numbers = server.stdio[3] as Readable;
	const exited = once(server, "exit").then(() => Promise.reject(new Error("Xvfb did not start")));
	const [number] = await Promise.race([once(numbers, "data"), exited]);
	exited.catch(() => undefined);
	return { process: server, display: `:${String(number).trim()}` };
}

async function freePort(): Promise<number> {
	const server = createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const { port } = server.address() as { port: number };
	server.close();
	await once(server, "close");
	return port;
}

async function stop(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const exited = once(child, "exit");
	child.kill();
	await exited;
}
