// The end of a logout in a window of its own. Browsers close only what a script has opened.
window.close();
