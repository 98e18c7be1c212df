import { InvalidArgumentError } from "commander";
import { isProviderName } from "./choose-providers.ts";

/** For an option that may come several times. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
	return [...previous, value];
}

/** The name of a provider, for an option that may come several times. */
export function parseName(value: string, previous: readonly string[] = []): readonly string[] {
	if (!isProviderName(value))
		throw new InvalidArgumentError("Give the name of a provider, such as okta.");
	return [...previous, value];
}

/** @throws {InvalidArgumentError} for anything but an origin. */
export function parseOrigin(text: string): string {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	const isOrigin =
		url !== undefined &&
		/^https?:$/.test(url.protocol) &&
		url.pathname === "/" &&
		url.search + url.hash + url.username === "";
	if (!isOrigin || url.password !== "")
		throw new InvalidArgumentError("Give scheme, host and port, such as https://app.example.com.");
	return url.origin;
}

/** @returns seconds. */
export function parseTimeout(text: string): number {
	const seconds = Number(text);
	if (!(seconds >= 0.1 && seconds <= 60))
		throw new InvalidArgumentError("Give a number of seconds from 0.1 to 60.");
	return seconds;
}
