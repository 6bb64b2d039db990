exports.value = typeof module;
