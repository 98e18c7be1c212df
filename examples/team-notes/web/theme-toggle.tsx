import { useLayoutEffect, useSyncExternalStore } from "react";
import { useServerState } from "./portcullis.ts";
import { onSystemTheme, shownTheme, showTheme } from "./theme.ts";

export function ThemeToggle() {
	const { darkMode, toggleDarkMode } = useServerState("notes");
	const shown = useSyncExternalStore(onSystemTheme, shownTheme);
	const isDark = darkMode ?? shown === "dark";
	useLayoutEffect(() => {
		if (darkMode !== null) showTheme(darkMode ? "dark" : "light");
	}, [darkMode]);
	return (
		<button
			type="button"
			className="icon-button"
			aria-pressed={isDark}
			aria-label="Dark mode"
			title="Dark mode"
			onClick={() => void toggleDarkMode(!isDark)}
		>
			<svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
				{isDark ? (
					<path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5Z" />
				) : (
					<path d="M12 2.5v2M12 19.5v2M4.6 4.6 6 6M18 18l1.4 1.4M2.5 12h2M19.5 12h2M4.6 19.4 6 18M18 6l1.4-1.4M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8Z" />
				)}
			</svg>
		</button>
	);
}
