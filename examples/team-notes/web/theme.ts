/** Light or dark: kept in this browser, for signed-in people and everyone else. Without a choice the system's counts. */
export type Theme = "light" | "dark";

const KEY = "theme";
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

export function currentTheme(): Theme {
	const chosen = document.documentElement.dataset.theme;
	if (chosen === "light" || chosen === "dark") return chosen;
	return systemIsDark.matches ? "dark" : "light";
}

export function keepTheme(theme: Theme): void {
	document.documentElement.dataset.theme = theme;
	try {
		localStorage.setItem(KEY, theme);
	} catch {
		// Storage is off: the choice lasts until the next page.
	}
}

/** Calls back when the system or another tab changes it. Returns what ends that. */
export function onThemeChange(callback: () => void): () => void {
	const aborter = new AbortController();
	const { signal } = aborter;
	systemIsDark.addEventListener("change", callback, { signal });
	addEventListener(
		"storage",
		({ key, newValue }) => {
			if (key !== KEY || (newValue !== "light" && newValue !== "dark")) return;
			document.documentElement.dataset.theme = newValue;
			callback();
		},
		{ signal },
	);
	return () => aborter.abort();
}
