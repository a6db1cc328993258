/* SPDX-License-Identifier: MIT
 * bay0: options, build order, loop. */
int main(void)
{
    return 0;
}
