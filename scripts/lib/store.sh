store_make() { :; }
