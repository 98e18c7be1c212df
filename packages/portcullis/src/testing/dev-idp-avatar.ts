import { type Html, html } from "../views/html.ts";

/** Backgrounds on which white text has a contrast of at least 4.5:1 (WCAG 2.2 criterion 1.4.3). */
const backgrounds = [
	"#3949ab",
	"#00695c",
	"#ad1457",
	"#6a1b9a",
	"#1565c0",
	"#a23b00",
	"#455a64",
	"#2e7d32",
];

/**
 * Draws a person's initials on a colour of their own: always the same for the same `sub`. Returns
 * an SVG document.
 */
export function drawAvatar(sub: string, name: string): Html {
	return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96"><rect width="96" height="96" fill="${backgroundOf(sub)}"/><text x="48" y="49" fill="#fff" font-family="system-ui, sans-serif" font-size="38" font-weight="600" text-anchor="middle" dominant-baseline="central">${initialsOf(name)}</text></svg>`;
}

function initialsOf(name: string): string {
	const words = name.split(/\s+/).filter((word) => word !== "");
	const ends = words.length > 1 ? [words[0], words.at(-1)] : words;
	// Spread, not charAt: a first letter may be outside the basic plane.
	return ends
		.map((word) => [...(word ?? "")][0] ?? "")
		.join("")
		.toUpperCase();
}

function backgroundOf(sub: string): string {
	let sum = 3;
	for (const character of sub) sum = (sum * 33 + (character.codePointAt(0) ?? 0)) >>> 0;
	return backgrounds[sum % backgrounds.length] ?? "#3949ab";
}
