/** Light or dark, for signed-in people and everyone else. Without a choice the system's counts. */
export type Theme = "light" | "dark";

const KEY = "theme";
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

/** What the page shows at the moment. */
export function shownTheme(): Theme {
	const chosen = document.documentElement.dataset.theme;
	if (chosen === "light" || chosen === "dark") return chosen;
	return systemIsDark.matches ? "dark" : "light";
}

/**
 * Shows what the server says, and remembers it for the moment before the next page has heard from
 * the server: for this tab, whose state it is, and for new tabs of this browser, which have none
 * yet.
 */
export function showTheme(theme: Theme): void {
	document.documentElement.dataset.theme = theme;
	try {
		sessionStorage.setItem(KEY, theme);
		localStorage.setItem(KEY, theme);
	} catch {
		// Storage is off: the next page may flash.
	}
}

/** Calls back when the system changes it. Returns what ends that. */
export function onSystemTheme(callback: () => void): () => void {
	systemIsDark.addEventListener("change", callback);
	return () => systemIsDark.removeEventListener("change", callback);
}
