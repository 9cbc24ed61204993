/** Shows the state on the bar of the page in front. */
let show = (_isOffline: boolean): void => {};

wx.onNetworkStatusChange(({ isConnected }) => show(!isConnected));

/** A line at the top of the page while the phone has no network. */
Component({
  data: { isOffline: false },
  pageLifetimes: {
    show() {
      show = (isOffline) => this.setData({ isOffline });
      wx.getNetworkType({ success: ({ networkType }) => show(networkType === "none") });
    },
  },
});
