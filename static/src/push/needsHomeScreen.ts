/** Whether this is a browser of iOS, which has notifications only for what is on the home screen. No other one tells `standalone`. */
export const needsHomeScreen = (): boolean =>
  "standalone" in navigator && navigator.standalone === false && !("Notification" in globalThis);
