import { expect, it } from "vitest";
import { readForm } from "./read-form.ts";

const form = (body: string): Promise<URLSearchParams | undefined> =>
	readForm(
		new Request("https://app.example/", {
			method: "POST",
			headers: { "content-type": "application/x-www-form-urlencoded" },
			body,
		}),
	);

it("reads no form with more than 200 parameters", async () => {
	expect((await form(Array(200).fill("a=1").join("&")))?.size).toBe(200);
	expect(await form(Array(201).fill("a=1").join("&"))).toBeUndefined();
	expect(await form("&".repeat(60_000))).toBeUndefined();
	expect((await form(`a=${"%26".repeat(20_000)}`))?.get("a")?.length).toBe(20_000);
});
