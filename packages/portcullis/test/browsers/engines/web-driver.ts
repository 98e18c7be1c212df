/** Key of an element reference (W3C WebDriver section 12.1). */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
/** Milliseconds: a driver that has lost its page never answers. */
const COMMAND_TIMEOUT = 20_000;

/** One session of the W3C WebDriver protocol: the handful of commands that these tests need. */
export class WebDriverSession {
	readonly #base: string;

	private constructor(base: string) {
		this.#base = base;
	}

	/** @param driver Where the driver listens, such as `http://127.0.0.1:4444`. */
	static async start(
		driver: string,
		capabilities: Readonly<Record<string, unknown>>,
	): Promise<WebDriverSession> {
		const started = await send("POST", `${driver}/session`, {
			capabilities: { alwaysMatch: capabilities },
		});
		return new WebDriverSession(
			`${driver}/session/${(started as { sessionId: string }).sessionId}`,
		);
	}

	/** Waits for the page, as all the commands that navigate do. */
	async open(url: string): Promise<void> {
		await this.#command("url", { url });
	}

	async click(xpath: string): Promise<void> {
		const element = (await this.#command("element", { using: "xpath", value: xpath })) as Record<
			string,
			string
		>;
		await this.#command(`element/${element[ELEMENT]}/click`, {});
	}

	/** Names of all windows. */
	async windows(): Promise<string[]> {
		return (await send("GET", `${this.#base}/window/handles`)) as string[];
	}

	/** What follows is about the page in this window. */
	async enterWindow(handle: string): Promise<void> {
		await this.#command("window", { handle });
	}

	/** What follows is about the first frame of the page. */
	async enterFrame(): Promise<void> {
		await this.#command("frame", { id: 0 });
	}

	async reload(): Promise<void> {
		await this.#command("refresh", {});
	}

	async back(): Promise<void> {
		await this.#command("back", {});
	}

	/** @param body Of a function; what it returns must be JSON. */
	evaluate(body: string): Promise<unknown> {
		return this.#command("execute/sync", { script: body, args: [] });
	}

	async end(): Promise<void> {
		await send("DELETE", this.#base);
	}

	#command(name: string, body: unknown): Promise<unknown> {
		return send("POST", `${this.#base}/${name}`, body);
	}
}

async function send(method: string, url: string, body?: unknown): Promise<unknown> {
	const response = await fetch(url, {
		method,
		signal: AbortSignal.timeout(COMMAND_TIMEOUT),
		headers: { "Content-Type": "application/json" },
		...(body === undefined ? {} : { body: JSON.stringify(body) }),
	});
	const { value } = (await response.json()) as { value: unknown };
	if (response.ok) return value;
	const { error, message } = value as { error: string; message: string };
	throw new Error(`WebDriver: ${error}: ${message}`);
}
